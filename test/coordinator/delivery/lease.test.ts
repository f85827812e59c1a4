import { beforeEach, describe, expect, it } from 'vitest';
import { StackUnavailableError } from '../../../contracts/errors/errors.js';
import { Lease } from '../../../coordinator/delivery/lease.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryQueue } from '../../support/memory-stack.js';
import { memoryLogger, type LogLine } from '../../support/running-coordinator.js';

const VISIBILITY_MS = 10_000;

let clock: ManualClock;
let queue: MemoryQueue;
let log: LogLine[];
let lease: Lease;

beforeEach(() => {
  clock = new ManualClock();
  queue = new MemoryQueue(clock, VISIBILITY_MS);
  log = [];
  lease = new Lease({ clock, queue, logger: memoryLogger(log) }, 'handle', clock.monotonic(), VISIBILITY_MS);
});

const secondsSet = () => queue.visibilityChanges.map(({ seconds }) => seconds);
/** Everything that is ready to run has run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500);
    await settle();
  }
}

/** Holds a call back until it is let through. */
function holdNextChange(): () => void {
  let letThrough: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letThrough = resolve));
  const change = queue.changeVisibility.bind(queue);
  queue.changeVisibility = async (handle, seconds) => {
    queue.changeVisibility = change;
    await held;
    return change(handle, seconds);
  };
  return () => letThrough();
}

describe('a lease', () => {
  it('is extended when half of it has passed, again and again, by a whole timeout', async () => {
    await pass(4500);
    expect(secondsSet()).toEqual([]);
    await pass(26_000);
    expect(secondsSet()).toEqual([10, 10, 10, 10, 10, 10]);
    expect(lease.isHeld).toBe(true);
    await lease.stop();
    await pass(60_000);
    expect(secondsSet()).toHaveLength(6);
  });

  it('counts from before the receive was sent', () => {
    clock.advance(4000);
    const old = new Lease(
      { clock, queue, logger: memoryLogger(log) },
      'old',
      clock.monotonic() - 9600,
      VISIBILITY_MS,
    );
    expect(old.isHeld).toBe(false);
  });

  it('is tried to be extended again where the queue does not answer', async () => {
    queue.failures.plan('changeVisibility', 'effect-lost', 'effect-lost');
    await pass(9000);
    expect(log.map(({ event }) => event)).toEqual(['lease.extend_failed', 'lease.extend_failed']);
    expect(secondsSet()).toEqual([10]);
    expect(lease.isHeld).toBe(true);
  });

  it('is given back with the seconds asked for, once', async () => {
    await lease.returnToQueue(3);
    await lease.returnToQueue(0);
    await pass(30_000);
    expect(secondsSet()).toEqual([3]);
  });

  it('tells again what became of it where it is given back again', async () => {
    expect(await lease.returnToQueue(3)).toBe(true);
    expect(await lease.returnToQueue(0)).toBe(true);
    await lease.letExpire();
    expect(secondsSet()).toEqual([3]);
  });

  it('is not given back once its message is left to deletion', async () => {
    lease.leaveToDeletion();
    expect(await lease.returnToQueue(0)).toBe(false);
    expect(secondsSet()).toEqual([]);
  });

  it('is given back only after an extension that is under way: the back-off has the last word', async () => {
    const letThrough = holdNextChange();
    await pass(5000);
    const givenBack = lease.returnToQueue(2);
    await settle();
    expect(secondsSet()).toEqual([]);
    letThrough();
    await givenBack;
    expect(secondsSet()).toEqual([10, 2]);
    await pass(30_000);
    expect(secondsSet()).toEqual([10, 2]);
  });
});

describe('a lease that ran out', () => {
  it('is not extended: a stale handle may still work, and would take from another what it holds', async () => {
    clock.standStill(VISIBILITY_MS + 1);
    await pass(60_000);
    expect(secondsSet()).toEqual([]);
    expect(lease.isHeld).toBe(false);
  });

  it('is not given back', async () => {
    clock.standStill(VISIBILITY_MS + 1);
    await lease.returnToQueue(0);
    expect(secondsSet()).toEqual([]);
  });

  it('counts as run out a little early, for a call takes its time', async () => {
    clock.standStill(VISIBILITY_MS - 400);
    await lease.returnToQueue(0);
    await pass(60_000);
    expect(secondsSet()).toEqual([]);
  });

  it('is not given back where it ran out while an extension was under way', async () => {
    const letThrough = holdNextChange();
    await pass(5000);
    clock.standStill(VISIBILITY_MS);
    const givenBack = lease.returnToQueue(0);
    letThrough();
    await givenBack;
    expect(secondsSet()).toEqual([10]);
  });

  it('lets no call go on beyond its end', async () => {
    const requested: (number | undefined)[] = [];
    queue.changeVisibility = (_handle, _seconds, withinMs) => Promise.resolve(void requested.push(withinMs));
    await pass(5000);
    await lease.returnToQueue(0);
    expect(requested).toEqual([4500, 9500]);
  });

  it('is not given back where extending failed until it was over', async () => {
    queue.changeVisibility = () =>
      Promise.reject(new StackUnavailableError('ChangeMessageVisibility', 'gone'));
    await pass(VISIBILITY_MS);
    const set: number[] = [];
    queue.changeVisibility = (_handle, seconds) => Promise.resolve(void set.push(seconds));
    await lease.returnToQueue(0);
    await pass(60_000);
    expect(set).toEqual([]);
  });
});

describe('a lease that is left to expire', () => {
  it('comes back by the timeout of its receive, though it was extended', async () => {
    await pass(6000);
    expect(secondsSet()).toEqual([10]);
    await lease.letExpire();
    expect(secondsSet()).toEqual([10, 4]);
    await pass(30_000);
    expect(secondsSet()).toHaveLength(2);
    expect(lease.ended.aborted).toBe(true);
  });

  it('comes back no sooner, however long the receive waited for it', async () => {
    lease = new Lease(
      { clock, queue, logger: memoryLogger(log) },
      'b',
      clock.monotonic() - 4000,
      VISIBILITY_MS,
    );
    await pass(3000);
    expect(secondsSet()).toEqual([10]);
    await lease.letExpire();
    expect(secondsSet()).toEqual([10, 7]);
  });

  it('asks the queue for nothing where it was never extended, or that timeout has passed', async () => {
    await pass(3000);
    await lease.letExpire();
    expect(secondsSet()).toEqual([]);
    lease = new Lease({ clock, queue, logger: memoryLogger(log) }, 'b', clock.monotonic(), VISIBILITY_MS);
    await pass(11_000);
    const before = secondsSet().length;
    await lease.letExpire();
    expect(secondsSet()).toHaveLength(before);
  });
});

describe('a lease that waits for slow work', () => {
  it('is extended as long as that goes on, and looks when the timeout of its receive is nearly over', async () => {
    let goesOn = false;
    await pass(2000);
    lease.extendOnlyWhile(() => goesOn);
    await pass(6500);
    expect(secondsSet()).toEqual([]);
    goesOn = true;
    await pass(1000);
    expect(secondsSet()).toEqual([10]);
    await pass(5000);
    expect(secondsSet()).toEqual([10, 10]);
    goesOn = false;
    await pass(5000);
    expect(lease.ended.aborted).toBe(true);
    expect(secondsSet()).toHaveLength(2);
  });
});
