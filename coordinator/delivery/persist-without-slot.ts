/** A batch that waits for a busy store must not keep a worker's slot from the others: it takes one again afterwards. */
import type { Reservation } from '../workers/reservation.js';
import type { DispatchContext } from './dispatch-context.js';

type Parts = Pick<DispatchContext, 'gate' | 'stopping'>;

/** @param reservation of the caller, who has it again when this ends, however it ends */
export async function persistWithoutSlot<T>(
  { gate, stopping }: Parts,
  reservation: Reservation,
  call: () => Promise<T>,
): Promise<T> {
  const lent = { out: false };
  try {
    return await gate.persist(call, stopping, () => {
      reservation.lend();
      lent.out = true;
    });
  } finally {
    if (lent.out) await reservation.takeBack(stopping);
  }
}
