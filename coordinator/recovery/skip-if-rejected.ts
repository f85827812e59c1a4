import type { BatchDocument } from '../../contracts/batch/batch.js';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';

/** Skips a batch that the stack rejects permanently, so that it does not hold up the others.
 * @returns whether the work was done
 * @throws StackUnavailableError
 */
export async function skipIfRejected(
  { logger }: { readonly logger: Logger },
  batch: BatchDocument,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof StackUnavailableError) throw error;
    logger.error({ batchId: batch.id, error: messageOf(error) }, 'batch.restore_failed');
    return false;
  }
}
