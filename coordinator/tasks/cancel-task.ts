import { BoomerangError } from '../../contracts/errors/errors.js';
import { cancelTask, type CancelRefusal } from '../batch/batch-life.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { rewriteBatch, type BatchTimeouts, type RewritePorts } from '../ledger/rewrite-batch.js';

/**
 * Cancels a task that is neither recorded as running nor final; a cancel that lands before the commit wins.
 * @returns the batch with the task cancelled.
 * @throws BoomerangError `not_cancellable`
 */
export async function cancel(
  ports: RewritePorts,
  timeouts: BatchTimeouts,
  batch: BatchDocument,
  slot: number,
): Promise<BatchDocument> {
  let refusal: CancelRefusal | undefined;
  const written = await rewriteBatch(ports, timeouts, {
    known: batch,
    change: (read, move) => {
      const next = cancelTask(read, slot, move);
      refusal = typeof next === 'string' ? next : undefined;
      return typeof next === 'string' ? undefined : next;
    },
  });
  if (written === undefined) throw new BoomerangError('not_found', 'no such task');
  if (refusal !== undefined) {
    const state = written.tasks[slot]?.status;
    throw new BoomerangError(
      'not_cancellable',
      refusal === 'running' ? 'the task is running' : `the task is final: ${String(state)}`,
    );
  }
  return written;
}
