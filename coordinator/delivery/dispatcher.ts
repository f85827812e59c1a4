/** What becomes of each received message: opened, delivered, then deleted, given back, or left to its timeout. */
import { batchOf, isFinished } from '../../contracts/batch-life.js';
import type { BatchDocument } from '../../contracts/batch.js';
import type { ReceivedMessage } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { settledWithin } from '../repeat.js';
import { backoffSeconds } from './backoff.js';
import { Delivery } from './delivery.js';
import type { DispatchContext } from './dispatch-context.js';
import { Lease } from './lease.js';
import { openBatch, readBody } from './open-batch.js';

const RECORD_RELEASE_WITHIN_MS = 1000;

export interface DispatcherListeners {
  /** The batch waits for its next delivery. */
  readonly onSetAside: (batch: BatchDocument) => void;
}

export class Dispatcher {
  readonly #context: DispatchContext;
  readonly #listeners: DispatcherListeners;
  /** And the delivery that each is for, once its batch is known. */
  readonly #leases = new Map<Lease, Delivery | undefined>();
  readonly #running = new Set<Promise<void>>();

  constructor(context: DispatchContext, listeners: DispatcherListeners) {
    this.#context = context;
    this.#listeners = listeners;
  }

  /** Takes over a received message and the slot that was reserved for it. */
  deliver(received: ReceivedMessage, receivedFrom: number): void {
    const { visibilityTimeoutMs } = this.#context.durations;
    const lease = new Lease(this.#context, received.receiptHandle, receivedFrom, visibilityTimeoutMs);
    this.#leases.set(lease, undefined);
    const running = this.#deliver(received, lease)
      .catch((error: unknown) => {
        this.#context.logger.error(
          { messageId: received.messageId, error: messageOf(error) },
          'delivery.aborted',
        );
      })
      .finally(async () => {
        await lease.stop();
        this.#leases.delete(lease);
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** Resolves when no delivery is under way. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Gives every message back at once that is still held, and says so in its batch if the store answers soon. */
  async giveBackAll(): Promise<void> {
    await Promise.all(
      [...this.#leases].map(async ([lease, delivery]) => {
        if (delivery !== undefined)
          await settledWithin(this.#context.clock, delivery.release(), RECORD_RELEASE_WITHIN_MS);
        await lease.giveBack(0);
      }),
    );
  }

  async #deliver(received: ReceivedMessage, lease: Lease): Promise<void> {
    const { slots, logger, gate, stopping, durations, deletes } = this.#context;
    const message = readBody(received.body);
    if (message === undefined) {
      slots.release(1);
      logger.error({ messageId: received.messageId }, 'message.unreadable');
      return;
    }
    let batch: BatchDocument;
    try {
      batch = await gate.persist(() => openBatch(this.#context, durations, received, message), stopping);
    } catch (error) {
      slots.release(1);
      throw error;
    }
    if (isFinished(batch)) {
      slots.release(1);
      deletes.add(lease.receiptHandle);
      return;
    }
    const original = batchOf(message, durations.visibilityTimeoutMs);
    const delivery = new Delivery(this.#context, received, original, batch);
    this.#leases.set(lease, delivery);
    const left = await delivery.run();
    if (isFinished(left)) deletes.add(lease.receiptHandle);
    else await this.#comeBack(left, delivery, lease);
  }

  async #comeBack(batch: BatchDocument, delivery: Delivery, lease: Lease): Promise<void> {
    this.#listeners.onSetAside(batch);
    const { options, random } = this.#context;
    if (options.redelivery === 'timeout') await lease.stop();
    else await lease.giveBack(delivery.wasReleased ? 0 : backoffSeconds(delivery.number, random));
  }
}
