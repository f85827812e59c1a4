/**
 * Counts what is sent again because it is presumed lost, and how much of it was not lost at all: the message of that
 * batch still stood in the queue. It costs work, never truth, but must stay seldom.
 */
import type { BatchMessage } from '../../contracts/batch/message.js';
import type { QueueModel } from '../models/queue-model.js';

export class ResendWatch {
  /** Sent again because of a presumption, not after something was seen emptied. */
  presumedLost = 0;
  unnecessary = 0;
  /** Sends of batches of which a message stood in the queue. */
  readonly #inQueue = new Set<string>();

  /** A message is about to be sent. */
  recordSend({ batchId, send }: BatchMessage, queue: QueueModel): void {
    if (send === 1) return;
    const stands = [...queue.messages.values()].some(({ body }) => body.includes(batchId));
    if (stands) this.#inQueue.add(`${batchId} ${send}`);
  }

  /** A coordinator says what it has sent again, and why. */
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
