/** A batch that waits for a busy store must not keep a worker's slot from the others: it takes one again afterwards. */
import type { DispatchContext } from './dispatch-context.js';

type Parts = Pick<DispatchContext, 'gate' | 'slots' | 'stopping'>;

/** @param call made by whoever has one slot reserved, and has it again when this ends, however it ends */
export async function persistWithoutSlot<T>(
  { gate, slots, stopping }: Parts,
  call: () => Promise<T>,
): Promise<T> {
  const given = { up: false };
  try {
    return await gate.persist(call, stopping, () => {
      given.up = true;
      slots.release(1);
    });
  } finally {
    if (given.up) await slots.reserveWhenFree(stopping);
  }
}
