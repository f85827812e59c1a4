/** Waits of a delivery until a worker has room for it; none of them goes on while the coordinator is stopping. */
import { pause } from '../async/repeat.js';
import type { Reservation } from '../workers/reservation.js';
import type { DispatchContext } from './dispatch-context.js';

export const LOOK_FOR_WORKER_MS = 100;

type Parts = Pick<DispatchContext, 'clock' | 'registry' | 'slots' | 'stopping'>;

/** @returns the milliseconds it took until a worker had a free slot, or all that were given */
export async function waitForWorker(
  { clock, registry, stopping }: Omit<Parts, 'slots'>,
  atMostMs: number,
): Promise<number> {
  const from = clock.monotonic();
  do {
    await pause(clock, LOOK_FOR_WORKER_MS, stopping);
    if (stopping.aborted) return atMostMs;
  } while (registry.withFreeSlot().length === 0 && clock.monotonic() - from < atMostMs);
  return clock.monotonic() - from;
}

/** The receiver would take every slot that is free for its next poll: it has to leave one. */
export async function reserveOne(parts: Parts, atMostMs: number): Promise<Reservation | undefined> {
  const endDemand = parts.slots.reserveDemand(1);
  try {
    for (let leftMs = atMostMs; ;) {
      const [reservation] = parts.slots.reserve(1);
      if (reservation !== undefined || leftMs <= 0) return reservation;
      leftMs -= Math.max(LOOK_FOR_WORKER_MS, await waitForWorker(parts, leftMs));
    }
  } finally {
    endDemand();
  }
}
