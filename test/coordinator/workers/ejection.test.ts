import { beforeEach, describe, expect, it } from 'vitest';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import { FAILURES_TO_EJECT, TRIALS_TO_RETURN } from '../../../coordinator/workers/worker-health.js';
import { ManualClock } from '../../support/manual-clock.js';
import { beatOf } from './support/workers.js';

const SLOTS = 2;
const WORKERS = ['worker-1', 'worker-2', 'worker-3'];

let clock: ManualClock;
let registry: WorkerRegistry;
let batches = 0;

const beatAll = (ids: readonly string[] = WORKERS) => {
  for (const id of ids) registry.recordBeat(beatOf(clock, id));
};
const seen = (id: string) => registry.all().find((worker) => worker.id === id);
const free = () => registry.withFreeSlot().map(({ id }) => id);

beforeEach(() => {
  clock = new ManualClock();
  registry = new WorkerRegistry(clock, SLOTS);
  beatAll();
});

function failOften(id: string, times = FAILURES_TO_EJECT) {
  return Array.from({ length: times }, () =>
    registry.recordInvokeFailure(id, `batch-${(batches += 1)}`, clock.monotonic()),
  ).at(-1);
}

function putOnTrial(id: string): void {
  clock.advance(1000);
  beatAll();
  registry.recordProbeAnswer(id);
}

describe('a worker that fails time after time', () => {
  it('is ejected: suspect, with nothing free, and nobody else loses anything', () => {
    expect(failOften('worker-2')).toMatchObject({ forMs: 1000, times: 1 });
    expect(seen('worker-2')).toMatchObject({ state: 'suspect', freeSlots: 0 });
    expect(free()).toEqual(['worker-1', 'worker-3']);
    expect(registry.freeSlots()).toBe(4);
    expect(registry.upCount()).toBe(2);
    expect(registry.healthReasonOf('worker-2')).toEqual({
      reason: 'ejected',
      ejectedUntilMs: clock.now() + 1000,
    });
    expect(registry.healthReasonOf('worker-1')).toBeUndefined();
  });

  it('is probed when its time is up, a heartbeat does not bring it back', () => {
    failOften('worker-2');
    expect(registry.toProbe()).toEqual([]);
    clock.advance(1000);
    beatAll();
    expect(seen('worker-2')?.state).toBe('suspect');
    expect(registry.toProbe()).toEqual([{ id: 'worker-2', address: 'http://worker-2.test' }]);
    expect(registry.recordProbeAnswer('worker-2')).toBe('trial');
    expect(registry.toProbe()).toEqual([]);
  });

  it('is tried with one invoke at a time', () => {
    failOften('worker-2');
    putOnTrial('worker-2');
    expect(seen('worker-2')).toMatchObject({ state: 'up', freeSlots: 1 });
    expect(registry.healthReasonOf('worker-2')?.reason).toBe('trial');
    registry.occupy('worker-2');
    expect(seen('worker-2')?.freeSlots).toBe(0);
    registry.vacate('worker-2');
    expect(registry.freeSlots()).toBe(5);
  });

  it('comes back after trials that worked, and says so', () => {
    failOften('worker-2');
    putOnTrial('worker-2');
    let changes = 0;
    registry.onChange(() => (changes += 1));
    const back = Array.from({ length: TRIALS_TO_RETURN }, () =>
      registry.recordInvokeSuccess('worker-2', clock.monotonic()),
    );
    expect(back.filter(Boolean)).toHaveLength(1);
    expect(changes).toBe(1);
    expect(seen('worker-2')).toMatchObject({ state: 'up', freeSlots: SLOTS });
    expect(registry.healthReasonOf('worker-2')).toBeUndefined();
  });

  it('goes out again at the first trial that fails, for longer', () => {
    failOften('worker-2');
    putOnTrial('worker-2');
    expect(failOften('worker-2', 1)).toMatchObject({ forMs: 2000, times: 2 });
    expect(seen('worker-2')?.freeSlots).toBe(0);
  });
});

describe('where most workers fail', () => {
  it('half of them stay: it is not they that are broken', () => {
    failOften('worker-1');
    expect(failOften('worker-2')).toBeUndefined();
    expect(failOften('worker-3', 100)).toBeUndefined();
    expect(free()).toEqual(['worker-2', 'worker-3']);
  });

  it('one of two may go, and of one none', () => {
    clock.advance(4000);
    beatAll(['worker-1', 'worker-2']);
    expect(failOften('worker-1')).toMatchObject({ times: 1 });
    expect(failOften('worker-2')).toBeUndefined();
    registry = new WorkerRegistry(clock, SLOTS);
    beatAll(['worker-1']);
    expect(failOften('worker-1', 100)).toBeUndefined();
    expect(free()).toEqual(['worker-1']);
  });

  it('one that was ejected serves where nobody else is left', () => {
    failOften('worker-1');
    registry.recordRefusedConnection('worker-2');
    clock.advance(900);
    beatAll(['worker-1']);
    clock.advance(900);
    beatAll(['worker-1']);
    expect(seen('worker-3')?.state).toBe('suspect');
    expect(free()).toEqual(['worker-1']);
    expect(seen('worker-1')?.state).toBe('up');
    beatAll(['worker-3']);
    expect(free()).toEqual(['worker-3']);
  });
});
