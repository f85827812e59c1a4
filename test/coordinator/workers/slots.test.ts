import { beforeEach, describe, expect, it } from 'vitest';
import { pickerOf } from '../../../coordinator/workers/pick-worker.js';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import { Slots, type OccupiedSlot } from '../../../coordinator/workers/slots.js';
import { ManualClock } from '../../support/manual-clock.js';
import { beatOf, NOBODY } from './support/workers.js';

let clock: ManualClock;
let registry: WorkerRegistry;
let slots: Slots;

beforeEach(() => {
  clock = new ManualClock();
  registry = new WorkerRegistry(clock, 2);
  slots = new Slots(registry, pickerOf('least-loaded'));
  for (const id of ['worker-1', 'worker-2']) registry.recordBeat(beatOf(clock, id));
});

function occupy(avoid = NOBODY, except = NOBODY): OccupiedSlot {
  const slot = slots.occupy(avoid, except);
  if (slot === undefined) throw new Error('no slot');
  return slot;
}

describe('reserve', () => {
  it('gives no more than are free', () => {
    expect(slots.reserve(3)).toBe(3);
    expect(slots.reserve(3)).toBe(1);
    expect(slots.reserve(3)).toBe(0);
    slots.release(2);
    expect(slots.reserve(10)).toBe(2);
    expect(slots.reserved).toBe(4);
  });

  it('gives none when workers fell silent, and owes none afterwards', () => {
    slots.reserve(2);
    clock.advance(1500);
    expect(slots.reserve(1)).toBe(0);
    expect(slots.reserved).toBe(2);
  });

  it('counts an occupied slot once', () => {
    slots.reserve(1);
    occupy();
    expect(slots.reserved).toBe(0);
    expect(slots.reserve(10)).toBe(3);
  });
});

describe('occupy', () => {
  it('turns a reservation into a slot of a worker, and vacate gives it back, once', () => {
    slots.reserve(1);
    const slot = occupy();
    expect(slot.worker.id).toBe('worker-1');
    expect(registry.freeSlots()).toBe(3);
    slot.vacate();
    slot.vacate();
    slot.exchange();
    expect(registry.freeSlots()).toBe(4);
    expect(slots.reserved).toBe(0);
  });

  it('gives the slot back for a reservation', () => {
    slots.reserve(1);
    occupy().exchange();
    expect(registry.freeSlots()).toBe(4);
    expect(slots.reserved).toBe(1);
  });

  it('keeps the reservation where no worker will do', () => {
    slots.reserve(1);
    expect(slots.occupy(NOBODY, new Set(['worker-1', 'worker-2']))).toBeUndefined();
    expect(slots.reserved).toBe(1);
  });

  it('passes on whom to avoid', () => {
    slots.reserve(2);
    expect(occupy(new Set(['worker-1'])).worker.id).toBe('worker-2');
    expect(occupy(NOBODY, new Set(['worker-1'])).worker.id).toBe('worker-2');
  });
});

describe('someToReceiveFor', () => {
  /** Whether it has resolved after everything that is ready to run has run. */
  async function resolves(waiting: Promise<void>): Promise<boolean> {
    let resolved = false;
    void waiting.then(() => (resolved = true));
    await new Promise((resolve) => setImmediate(resolve));
    return resolved;
  }

  it('resolves at once where a slot is free', async () => {
    expect(await resolves(slots.someToReceiveFor())).toBe(true);
  });

  it.each([
    ['a reservation is given up', () => slots.release(1)],
    ['a worker beats', () => registry.recordBeat(beatOf(clock, 'worker-3'))],
    ['a worker answers again', () => registry.recordProbeAnswer('worker-1')],
    ['it is woken', () => slots.wake()],
  ])('waits until %s', async (_what, happen) => {
    slots.reserve(4);
    const waiting = slots.someToReceiveFor();
    expect(await resolves(waiting)).toBe(false);
    happen();
    expect(await resolves(waiting)).toBe(true);
  });

  it('waits until a slot is vacated', async () => {
    slots.reserve(4);
    const slot = occupy();
    const waiting = slots.someToReceiveFor();
    expect(await resolves(waiting)).toBe(false);
    slot.vacate();
    expect(await resolves(waiting)).toBe(true);
  });
});
