/** Writes the batches that are known here back into an emptied table, and resends unfinished ones to an emptied queue. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { mergeKnown, withNewRevision } from '../batch/batch-life.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import { rewriteBatch, type BatchTimeouts } from '../ledger/rewrite-batch.js';
import { resendBatch, type ResendPorts } from './resend-batch.js';
import { eachBatch } from './each-batch.js';

const AT_ONCE = 8;

/** Creates each item, or merges into it if it exists.
 * @returns how many it wrote or found
 * @throws StackUnavailableError; if the stack throttled some of them, after the others are written
 */
export async function restoreBatches(
  ports: ResendPorts,
  timeouts: BatchTimeouts,
  which: (batch: BatchDocument) => boolean,
): Promise<number> {
  const held = [...ports.ledger.held()].filter(which);
  const { throttled } = await eachBatch(ports, held, AT_ONCE, async (batch) => {
    const there = await ports.batches.create(withNewRevision(batch, ports.random.next()));
    if (there === 'created') return;
    await rewriteBatch(ports, timeouts, {
      known: there,
      change: (read, write) => mergeKnown(read, ports.ledger.get(batch.id) ?? batch, write),
    });
  });
  if (throttled !== undefined) throw throttled;
  return held.length;
}

/** @returns how many were sent. @throws StackUnavailableError; where the stack was too busy for some, once the others are sent */
export async function resendUnfinished(
  ports: ResendPorts,
  timeouts: BatchTimeouts,
  reason: string,
): Promise<number> {
  let sent = 0;
  const unfinished = [...ports.ledger.held()].filter((batch) => !isTerminal(batch));
  const { throttled } = await eachBatch(ports, unfinished, AT_ONCE, async (batch) => {
    if (await resendBatch(ports, timeouts, batch, reason)) sent += 1;
  });
  if (throttled !== undefined) throw throttled;
  return sent;
}
