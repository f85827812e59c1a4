/**
 * Sends an unfinished batch's message once more. It is claimed first, by a conditional write that counts the send: of
 * two that want to, one does. A duplicate costs work, never truth.
 */
import { messageOfBatch, resend, type WriteContext } from '../batch/batch-life.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import { rewriteBatch, type BatchTimeouts, type RewritePorts } from '../ledger/rewrite-batch.js';

export interface ResendPorts extends RewritePorts {
  readonly queue: BatchQueue;
  readonly stats: StatsRecorder;
  readonly logger: Logger;
}

/**
 * @param isLost asked of the batch as it stands in the store, again after every conflict
 * @returns whether it was sent
 * @throws StackUnavailableError
 */
export async function resendBatch(
  ports: ResendPorts,
  timeouts: BatchTimeouts,
  known: BatchDocument,
  reason: string,
  isLost: (batch: BatchDocument, move: WriteContext) => boolean = () => true,
): Promise<boolean> {
  const claim = { isMade: false };
  const claimed = await rewriteBatch(ports, timeouts, {
    known,
    change: (batch, move) => {
      claim.isMade = !isTerminal(batch) && isLost(batch, move);
      return claim.isMade ? resend(batch, ports.ledger.deadlines.overdueTasks(batch), move) : undefined;
    },
  });
  if (!claim.isMade || claimed === undefined || isTerminal(claimed)) return false;
  await ports.queue.send(messageOfBatch(claimed));
  ports.stats.count('resent');
  ports.stats.event('batch.resent', { batchId: claimed.id, sends: claimed.sends, reason });
  ports.logger.warn({ batchId: claimed.id, sends: claimed.sends, reason }, 'batch.resent');
  return true;
}
