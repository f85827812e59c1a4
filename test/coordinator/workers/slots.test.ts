import { beforeEach, describe, expect, it } from 'vitest';
import { pickerOf } from '../../../coordinator/workers/pick-worker.js';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import type { Reservation } from '../../../coordinator/workers/reservation.js';
import { Slots } from '../../../coordinator/workers/slots.js';
import { InvariantViolatedError } from '../../../contracts/common/invariant.js';
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

function reserveOne(): Reservation {
  const [reservation] = slots.reserve(1);
  if (reservation === undefined) throw new Error('no slot');
  return reservation;
}

function occupied(): Reservation {
  const reservation = reserveOne();
  reservation.occupy(NOBODY, NOBODY);
  return reservation;
}

describe('reserve', () => {
  it('gives no more than are free', () => {
    const [first, second] = slots.reserve(3);
    expect(slots.reserve(3)).toHaveLength(1);
    expect(slots.reserve(3)).toEqual([]);
    first?.release();
    second?.release();
    expect(slots.reserve(10)).toHaveLength(2);
    expect(slots.reserved).toBe(4);
  });

  it('gives none when workers fell silent, and owes none afterwards', () => {
    slots.reserve(2);
    clock.advance(1500);
    expect(slots.reserve(1)).toEqual([]);
    expect(slots.reserved).toBe(2);
  });

  it('counts an occupied slot once', () => {
    occupied();
    expect(slots.reserved).toBe(0);
    expect(slots.reserve(10)).toHaveLength(3);
  });

  it('leaves free what deliveries under way demand', () => {
    const endDemand = slots.reserveDemand(3);
    expect(slots.reserveForReceive(10)).toHaveLength(1);
    expect(slots.reserve(1)).toHaveLength(1);
    endDemand();
    expect(slots.reserveForReceive(10)).toHaveLength(2);
    expect(endDemand).toThrow(InvariantViolatedError);
  });
});

describe('a reservation', () => {
  it('is turned into the slot of a worker, and back', () => {
    const reservation = reserveOne();
    expect(reservation.occupy(NOBODY, NOBODY)?.id).toBe('worker-1');
    expect([registry.freeSlots(), slots.reserved]).toEqual([3, 0]);
    reservation.vacate();
    expect([registry.freeSlots(), slots.reserved]).toEqual([4, 1]);
  });

  it('is released with its worker', () => {
    occupied().release();
    expect([registry.freeSlots(), slots.reserved]).toEqual([4, 0]);
  });

  it('stays where no worker will do', () => {
    const reservation = reserveOne();
    expect(reservation.occupy(NOBODY, new Set(['worker-1', 'worker-2']))).toBeUndefined();
    expect(slots.reserved).toBe(1);
    reservation.release();
  });

  it('passes on whom to avoid', () => {
    expect(reserveOne().occupy(new Set(['worker-1']), NOBODY)?.id).toBe('worker-2');
    expect(reserveOne().occupy(NOBODY, new Set(['worker-1']))?.id).toBe('worker-2');
  });

  const lent = () => {
    const reservation = reserveOne();
    reservation.lend();
    return reservation;
  };
  const released = () => {
    const reservation = reserveOne();
    reservation.release();
    return reservation;
  };
  const stopping = new AbortController().signal;

  it.each<[string, () => Reservation, (reservation: Reservation) => unknown]>([
    ['released twice', released, (reservation) => reservation.release()],
    ['lent and released', lent, (reservation) => reservation.release()],
    ['lent twice', lent, (reservation) => reservation.lend()],
    ['lent while it is occupied', occupied, (reservation) => reservation.lend()],
    ['occupied twice', occupied, (reservation) => reservation.occupy(NOBODY, NOBODY)],
    ['occupied when it is released', released, (reservation) => reservation.occupy(NOBODY, NOBODY)],
    ['vacated before it is occupied', reserveOne, (reservation) => reservation.vacate()],
  ])('cannot be %s, and nothing is counted then', (_what, make, move) => {
    const reservation = make();
    const before = [registry.freeSlots(), slots.reserved];
    expect(() => move(reservation)).toThrow(InvariantViolatedError);
    expect([registry.freeSlots(), slots.reserved]).toEqual(before);
  });

  it('cannot be taken back unless it is lent', async () => {
    await expect(reserveOne().takeBack(stopping)).rejects.toThrow(InvariantViolatedError);
    const reservation = lent();
    await reservation.takeBack(stopping);
    expect(slots.reserved).toBe(2);
  });
});

describe('waitForFreeSlot', () => {
  /** Whether it has resolved after everything that is ready to run has run. */
  async function resolves(waiting: Promise<void>): Promise<boolean> {
    let resolved = false;
    void waiting.then(() => (resolved = true));
    await new Promise((resolve) => setImmediate(resolve));
    return resolved;
  }

  let taken: readonly Reservation[] = [];

  it('resolves at once where a slot is free', async () => {
    expect(await resolves(slots.waitForFreeSlot())).toBe(true);
  });

  it.each([
    ['a reservation is given up', () => taken[0]?.release()],
    ['a worker beats', () => registry.recordBeat(beatOf(clock, 'worker-3'))],
    ['a worker answers again', () => registry.recordProbeAnswer('worker-1')],
    ['it is woken', () => slots.wake()],
  ])('waits until %s', async (_what, happen) => {
    taken = slots.reserve(4);
    const waiting = slots.waitForFreeSlot();
    expect(await resolves(waiting)).toBe(false);
    happen();
    expect(await resolves(waiting)).toBe(true);
  });

  it('waits until a slot is vacated', async () => {
    const [reservation] = slots.reserve(4);
    reservation?.occupy(NOBODY, NOBODY);
    const waiting = slots.waitForFreeSlot();
    expect(await resolves(waiting)).toBe(false);
    reservation?.release();
    expect(await resolves(waiting)).toBe(true);
  });
});
