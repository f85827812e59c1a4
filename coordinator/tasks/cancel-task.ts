import { BoomerangError } from '../../contracts/errors/errors.js';
import { cancelTask } from '../batch/batch-life.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { rewriteBatchWithResult, type BatchTimeouts, type RewritePorts } from '../ledger/rewrite-batch.js';

/**
 * Cancels a task that is neither recorded as running nor terminal. A cancel that is written before the commit wins.
 * @returns the batch with the task cancelled.
 * @throws BoomerangError `not_cancellable`
 */
export async function cancel(
  ports: RewritePorts,
  timeouts: BatchTimeouts,
  batch: BatchDocument,
  taskIndex: number,
): Promise<BatchDocument> {
  const { batch: written, result: refusal } = await rewriteBatchWithResult(ports, timeouts, {
    known: batch,
    change: (read, write) => {
      const next = cancelTask(read, taskIndex, write);
      return typeof next === 'string' ? { next: undefined, result: next } : { next, result: undefined };
    },
  });
  if (written === undefined) throw new BoomerangError('not_found', 'no such task');
  if (refusal !== undefined) {
    const status = written.tasks[taskIndex]?.status;
    throw new BoomerangError(
      'not_cancellable',
      refusal === 'running' ? 'the task is running' : `the task is final: ${String(status)}`,
    );
  }
  return written;
}
