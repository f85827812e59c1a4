/** Works on many batches; one that the stack throttles or rejects does not hold up the others. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import { StackThrottledError } from '../../contracts/errors/errors.js';
import type { Logger } from '../../contracts/system/logger.js';
import { inParallel } from '../async/in-parallel.js';
import { skipIfRejected } from './skip-if-rejected.js';

export interface EachBatchResult {
  /** Batches that the stack rejects permanently. */
  readonly rejected: readonly BatchId[];
  /** The latest throttling error, if any: those batches are to be tried again. */
  readonly throttled: StackThrottledError | undefined;
}

/** @throws StackUnavailableError if the stack does not answer at all */
export async function eachBatch(
  ports: { readonly logger: Logger },
  batches: Iterable<BatchDocument>,
  atOnce: number,
  work: (batch: BatchDocument) => Promise<void>,
): Promise<EachBatchResult> {
  const rejected: BatchId[] = [];
  let throttled: StackThrottledError | undefined;
  await inParallel(batches, atOnce, async (batch) => {
    try {
      if (!(await skipIfRejected(ports, batch, () => work(batch)))) rejected.push(batch.id);
    } catch (error) {
      if (!(error instanceof StackThrottledError)) throw error;
      throttled = error;
    }
  });
  return { rejected, throttled };
}
