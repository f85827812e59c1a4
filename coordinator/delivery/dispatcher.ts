/** Handles each received message: opened, delivered, then deleted, given back, or left to its timeout. */
import { setMaxListeners } from 'node:events';
import { batchOf } from '../batch/batch-life.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { BatchMessage } from '../../contracts/batch/message.js';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import { settledUntil, settledWithin } from '../async/repeat.js';
import type { Reservation } from '../workers/reservation.js';
import { backoffSeconds } from './backoff.js';
import { Delivery } from './delivery.js';
import type { DispatchContext } from './dispatch-context.js';
import { Lease } from './lease.js';
import { logFailure } from './log-failure.js';
import { openBatch, readBody } from './open-batch.js';
import { persistWithoutSlot } from './persist-without-slot.js';

const RECORD_RELEASE_WITHIN_MS = 1000;

export interface DispatcherListeners {
  /** The batch waits for its next delivery. */
  readonly onSetAside: (batch: BatchDocument) => void;
  /** A message of ours came out of the queue. */
  readonly onReceived: (message: BatchMessage) => void;
}

/** A message that was received, and is neither deleted nor returned yet. */
interface HeldMessage {
  /** Once its batch is known. */
  delivery?: Delivery;
  readonly running: Promise<void>;
}

export class Dispatcher {
  readonly #context: DispatchContext;
  readonly #listeners: DispatcherListeners;
  readonly #held = new Map<Lease, HeldMessage>();
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
  deliver(received: ReceivedMessage, receivedFrom: number, reservation: Reservation): void {
    const { visibilityTimeoutMs } = this.#context.durations;
    const lease = new Lease(this.#context, received.receiptHandle, receivedFrom, visibilityTimeoutMs);
    const running = this.#deliver(received, lease, reservation)
      .finally(() => {
        if (!reservation.isReleased) reservation.release();
      })
      .catch((error: unknown) => this.#logAborted(received, error))
      .finally(async () => {
        await lease.stop();
        this.#held.delete(lease);
        this.#running.delete(running);
      });
    this.#held.set(lease, { running });
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
  async returnAll(): Promise<void> {
    await Promise.all([...this.#held].map(([lease, held]) => this.#returnEarly(lease, held)));
  }

  /** A delivery that has ended already returns its message by itself, once its end is stored. */
  async #returnEarly(lease: Lease, { delivery, running }: HeldMessage): Promise<void> {
    if (delivery !== undefined) {
      const recorded = delivery.isRunning ? this.#release(delivery) : running;
      await settledWithin(this.#context.clock, recorded, RECORD_RELEASE_WITHIN_MS);
    }
    await lease.returnToQueue(0);
  }

  async #release(delivery: Delivery): Promise<void> {
    try {
      await delivery.release();
    } catch (error) {
      const fields = { batchId: delivery.batch.id, delivery: delivery.number };
      logFailure(this.#context.logger, 'warn', error, fields, 'delivery.release_failed');
    }
  }

  /** While stopping, a store that does not answer is not waited for: the message comes back. */
  #logAborted({ messageId }: ReceivedMessage, error: unknown): void {
    const { logger, stopping } = this.#context;
    const isStopping = error instanceof StackUnavailableError && stopping.aborted;
    if (isStopping) logFailure(logger, 'warn', error, { messageId }, 'delivery.commit_failed');
    else logFailure(logger, 'error', error, { messageId }, 'delivery.aborted');
  }

  async #deliver(received: ReceivedMessage, lease: Lease, reservation: Reservation): Promise<void> {
    const message = readBody(received.body);
    if (message === undefined) {
      this.#context.unreadable.received(received.messageId);
      return;
    }
    this.#listeners.onReceived(message);
    const { batchId } = message;
    this.#delivering.set(batchId, (this.#delivering.get(batchId) ?? 0) + 1);
    try {
      await this.#deliverBatch(received, message, lease, reservation);
    } finally {
      const left = (this.#delivering.get(batchId) ?? 1) - 1;
      if (left === 0) this.#delivering.delete(batchId);
      else this.#delivering.set(batchId, left);
    }
  }

  async #deliverBatch(
    received: ReceivedMessage,
    message: BatchMessage,
    lease: Lease,
    reservation: Reservation,
  ): Promise<void> {
    const { durations, stats, stopping } = this.#context;
    const batch = await persistWithoutSlot(this.#context, reservation, () =>
      openBatch(this.#context, durations, received, message),
    );
    if (message.send < batch.sends) stats.count('resentNeedlessly');
    if (isTerminal(batch)) {
      this.#delete(lease);
      return;
    }
    if (stopping.aborted) {
      await lease.returnToQueue(0);
      return;
    }
    const original = batchOf(message, durations.visibilityTimeoutMs);
    const { send } = message;
    const delivery = new Delivery(this.#context, { ...received, send }, original, batch);
    const held = this.#held.get(lease);
    if (held !== undefined) held.delivery = delivery;
    const left = await delivery.run(reservation);
    if (!isTerminal(left)) {
      this.#listeners.onSetAside(left);
      await this.#awaitSlowAnswers(delivery, lease);
    }
    if (isTerminal(delivery.batch)) this.#delete(lease);
    else await this.#returnToQueue(delivery, lease);
  }

  #delete(lease: Lease): void {
    lease.leaveToDeletion();
    this.#context.deletes.add(lease.receiptHandle);
  }

  /** A slow invoke is not started over: as long as its worker is at it, and for as long as an answer is awaited. */
  async #awaitSlowAnswers(delivery: Delivery, lease: Lease): Promise<void> {
    if (!delivery.hasOverdueInvokes) return;
    lease.extendOnlyWhile(() => delivery.isComputed);
    await settledUntil(delivery.overdueInvokesEnded(), [lease.ended, this.#draining.signal]);
  }

  async #returnToQueue(delivery: Delivery, lease: Lease): Promise<void> {
    const { options, random } = this.#context;
    if (delivery.returnedBy === 'visibility_timeout') {
      await lease.letExpire();
      return;
    }
    const maxSeconds = Math.floor(options.visibilityTimeoutMs / 1000);
    const seconds = delivery.wasReleased ? 0 : Math.min(backoffSeconds(delivery.number, random), maxSeconds);
    const isTaken = await lease.returnToQueue(seconds);
    if (!isTaken) await delivery.recordReturnByTimeout();
  }
}
