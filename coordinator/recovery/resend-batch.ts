/**
 * Sends an unfinished batch's message once more. A conditional write counts the send first, so that of several
 * coordinators only one sends. A duplicate message costs work, but changes no answer.
 */
import { messageOfBatch, resend, type WriteContext } from '../batch/batch-life.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import { rewriteBatchWithResult, type BatchTimeouts, type RewritePorts } from '../ledger/rewrite-batch.js';

export interface ResendPorts extends RewritePorts {
  readonly queue: BatchQueue;
  readonly stats: StatsRecorder;
  readonly logger: Logger;
}

/**
 * @param isLost called with the stored batch, again after every conflict
 * @returns whether it was sent
 * @throws StackUnavailableError
 */
export async function resendBatch(
  ports: ResendPorts,
  timeouts: BatchTimeouts,
  known: BatchDocument,
  reason: string,
  isLost: (batch: BatchDocument, write: WriteContext) => boolean = () => true,
): Promise<boolean> {
  const { batch: claimed, result: isClaimed } = await rewriteBatchWithResult(ports, timeouts, {
    known,
    change: (batch, write) => {
      const claims = !isTerminal(batch) && isLost(batch, write);
      const next = claims ? resend(batch, ports.ledger.deadlines.overdueTasks(batch), write) : undefined;
      return { next, result: claims };
    },
  });
  if (!isClaimed || claimed === undefined || isTerminal(claimed)) return false;
  await ports.queue.send(messageOfBatch(claimed));
  ports.stats.count('resent');
  ports.stats.event('batch.resent', { batchId: claimed.id, sends: claimed.sends, reason });
  ports.logger.warn({ batchId: claimed.id, sends: claimed.sends, reason }, 'batch.resent');
  return true;
}
