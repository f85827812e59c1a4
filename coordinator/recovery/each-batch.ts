/** Work on many batches, where one that the stack is too busy for, or refuses for good, must not hold up the rest. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import { StackThrottledError } from '../../contracts/errors/errors.js';
import type { Logger } from '../../contracts/system/logger.js';
import { inParallel } from '../async/in-parallel.js';
import { skipIfRejected } from './skip-if-rejected.js';

export interface EachBatchResult {
  /** What the stack refuses for good. */
  readonly rejected: readonly BatchId[];
  /** The last that the stack was too busy for: to be tried again. */
  readonly throttled: StackThrottledError | undefined;
}

/** @throws StackUnavailableError where the stack does not answer at all */
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
