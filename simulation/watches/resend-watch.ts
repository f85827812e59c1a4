/**
 * Counts messages that are sent again because they are presumed lost, and how many were still in the queue. Unnecessary
 * resends cost work but no correctness, and must stay rare.
 */
import type { BatchMessage } from '../../contracts/batch/message.js';
import type { QueueModel } from '../models/queue-model.js';

export class ResendWatch {
  /** Resends after a presumed loss, without those after a detected reset. */
  presumedLost = 0;
  unnecessary = 0;
  /** Resends of batches that had a message in the queue. */
  readonly #inQueue = new Set<string>();

  /** Called before a message is sent. */
  recordSend({ batchId, send }: BatchMessage, queue: QueueModel): void {
    if (send === 1) return;
    const isInQueue = [...queue.messages.values()].some(({ body }) => body.includes(batchId));
    if (isInQueue) this.#inQueue.add(`${batchId} ${send}`);
  }

  /** Called with the fields of the log event `batch.resent`. */
  recordResendLog({
    batchId,
    sends,
    reason,
  }: {
    batchId?: unknown;
    sends?: unknown;
    reason?: unknown;
  }): void {
    if (reason !== 'presumed_lost') return;
    this.presumedLost += 1;
    if (this.#inQueue.has(`${String(batchId)} ${String(sends)}`)) this.unnecessary += 1;
  }
}
