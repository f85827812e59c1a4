/** What becomes of each received message: opened, delivered, then deleted, given back, or left to its timeout. */
import { setMaxListeners } from 'node:events';
import { batchOf } from '../batch/batch-life.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { BatchMessage } from '../../contracts/batch/message.js';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import { messageOf } from '../../contracts/common/text.js';
import { settledUntil, settledWithin } from '../async/repeat.js';
import { backoffSeconds } from './backoff.js';
import { Delivery } from './delivery.js';
import type { DispatchContext } from './dispatch-context.js';
import { Lease } from './lease.js';
import { openBatch, readBody } from './open-batch.js';
import { persistWithoutSlot } from './persist-without-slot.js';

const RECORD_RELEASE_WITHIN_MS = 1000;

export interface DispatcherListeners {
  /** The batch waits for its next delivery. */
  readonly onSetAside: (batch: BatchDocument) => void;
  /** A message of ours came out of the queue. */
  readonly onReceived: (message: BatchMessage) => void;
}

export class Dispatcher {
  readonly #context: DispatchContext;
  readonly #listeners: DispatcherListeners;
  /** And the delivery that each is for, once its batch is known. */
  readonly #leases = new Map<Lease, Delivery | undefined>();
  readonly #running = new Set<Promise<void>>();
  /** How many deliveries of a batch are under way. */
  readonly #delivering = new Map<BatchId, number>();
  readonly #draining = new AbortController();

  constructor(context: DispatchContext, listeners: DispatcherListeners) {
    setMaxListeners(0, this.#draining.signal); // one for each delivery that awaits slow answers
    this.#context = context;
    this.#listeners = listeners;
  }

  /** Takes over a received message and the slot that was reserved for it. */
  deliver(received: ReceivedMessage, receivedFrom: number): void {
    const { visibilityTimeoutMs } = this.#context.durations;
    const lease = new Lease(this.#context, received.receiptHandle, receivedFrom, visibilityTimeoutMs);
    this.#leases.set(lease, undefined);
    const running = this.#deliver(received, lease)
      .catch((error: unknown) => this.#tellAborted(received, error))
      .finally(async () => {
        await lease.stop();
        this.#leases.delete(lease);
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  isDelivering(id: BatchId): boolean {
    return this.#delivering.has(id);
  }

  /** Resolves when no delivery is under way; answers that are overdue are not waited for. */
  async drained(): Promise<void> {
    this.#draining.abort();
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

  /** While stopping, a store that does not answer is not waited for: the message comes back. */
  #tellAborted({ messageId }: ReceivedMessage, error: unknown): void {
    const { logger, stopping } = this.#context;
    const fields = { messageId, error: messageOf(error) };
    if (error instanceof StackUnavailableError && stopping.aborted)
      logger.warn(fields, 'delivery.unfinished');
    else logger.error(fields, 'delivery.aborted');
  }

  async #deliver(received: ReceivedMessage, lease: Lease): Promise<void> {
    const message = readBody(received.body);
    if (message === undefined) {
      this.#context.slots.release(1);
      this.#context.unreadable.received(received.messageId);
      return;
    }
    this.#listeners.onReceived(message);
    const { batchId } = message;
    this.#delivering.set(batchId, (this.#delivering.get(batchId) ?? 0) + 1);
    try {
      await this.#deliverBatch(received, message, lease);
    } finally {
      const left = (this.#delivering.get(batchId) ?? 1) - 1;
      if (left === 0) this.#delivering.delete(batchId);
      else this.#delivering.set(batchId, left);
    }
  }

  async #deliverBatch(received: ReceivedMessage, message: BatchMessage, lease: Lease): Promise<void> {
    const { slots, durations, deletes, stats } = this.#context;
    let batch: BatchDocument;
    try {
      batch = await persistWithoutSlot(this.#context, () =>
        openBatch(this.#context, durations, received, message),
      );
    } catch (error) {
      slots.release(1);
      throw error;
    }
    if (message.send < batch.sends) stats.count('resentNeedlessly');
    if (isTerminal(batch)) {
      slots.release(1);
      deletes.add(lease.receiptHandle);
      return;
    }
    const original = batchOf(message, durations.visibilityTimeoutMs);
    const { send } = message;
    const delivery = new Delivery(this.#context, { ...received, send }, original, batch);
    this.#leases.set(lease, delivery);
    const left = await delivery.run();
    if (!isTerminal(left)) {
      this.#listeners.onSetAside(left);
      await this.#awaitSlowAnswers(delivery, lease);
    }
    if (isTerminal(delivery.batch)) deletes.add(lease.receiptHandle);
    else await this.#comeBack(delivery, lease);
  }

  /** What is merely slow is not started over: as long as its worker is at it, and for as long as an answer is awaited. */
  async #awaitSlowAnswers(delivery: Delivery, lease: Lease): Promise<void> {
    if (!delivery.hasOverdueExchanges) return;
    lease.extendOnlyWhile(() => delivery.isComputed);
    await settledUntil(delivery.overdueExchangesEnded(), [lease.ended, this.#draining.signal]);
  }

  async #comeBack(delivery: Delivery, lease: Lease): Promise<void> {
    const { options, random } = this.#context;
    if (delivery.returnedBy === 'visibility_timeout') {
      await lease.letExpire();
      return;
    }
    const longest = Math.floor(options.visibilityTimeoutMs / 1000);
    const seconds = delivery.wasReleased ? 0 : Math.min(backoffSeconds(delivery.number, random), longest);
    const isTaken = await lease.giveBack(seconds);
    if (!isTaken) await delivery.enterNoBackoff();
  }
}
