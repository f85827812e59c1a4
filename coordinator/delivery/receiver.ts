/**
 * The one receive loop. It asks for no more messages than slots were reserved for them, and never while the store
 * does not answer. A receive is never aborted, since the queue would hand its messages out all the same: stopping
 * waits for it and puts back what it brings.
 */
import type { BatchQueue, ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import { pause } from '../async/repeat.js';
import type { Reservation } from '../workers/reservation.js';
import type { Slots } from '../workers/slots.js';
import { Lease } from './lease.js';
import type { StoreGate } from './store-gate.js';

const MAX_AT_ONCE = 10;
/** Five would do for SQS; stopping waits for a receive, and people wait for stopping. */
const MAX_WAIT_SECONDS = 2;
const PAUSE_BETWEEN_SHORT_POLLS_MS = 100;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2000;

export interface ReceiverPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly slots: Slots;
  readonly gate: StoreGate;
  readonly logger: Logger;
}

/**
 * @param receivedFrom monotonic time before the receive was sent: the lease counts from there
 * @param reservation of the slot that the message was received for, taken over
 */
export type Deliver = (message: ReceivedMessage, receivedFrom: number, reservation: Reservation) => void;

/** At most a third of the visibility timeout, in whole seconds; 0 (short polls) where that is less than one. */
export function waitSeconds(visibilityTimeoutMs: number): number {
  return Math.min(MAX_WAIT_SECONDS, Math.floor(visibilityTimeoutMs / 3000));
}

export class Receiver {
  readonly #ports: ReceiverPorts;
  readonly #visibilityTimeoutMs: number;
  readonly #waitSeconds: number;
  readonly #deliver: Deliver;
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #retryMs = FIRST_RETRY_MS;

  constructor(ports: ReceiverPorts, visibilityTimeoutMs: number, deliver: Deliver) {
    this.#ports = ports;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
    this.#waitSeconds = waitSeconds(visibilityTimeoutMs);
    this.#deliver = deliver;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#ports.slots.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const reserved = this.#ports.gate.isOpen ? this.#ports.slots.reserveForReceive(MAX_AT_ONCE) : [];
      if (reserved.length > 0) await this.#receive(reserved);
      else if (this.#ports.gate.isOpen) await this.#ports.slots.waitForFreeSlot();
      else await this.#ports.gate.open(signal);
    }
  }

  async #receive(reserved: readonly Reservation[]): Promise<void> {
    const { clock, queue, logger } = this.#ports;
    const receivedFrom = clock.monotonic();
    let messages: readonly ReceivedMessage[] = [];
    let pauseMs = 0;
    try {
      messages = await queue.receive(reserved.length, this.#waitSeconds);
      this.#retryMs = FIRST_RETRY_MS;
      if (messages.length === 0 && this.#waitSeconds === 0) pauseMs = PAUSE_BETWEEN_SHORT_POLLS_MS;
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'receive.failed');
      pauseMs = this.#retryMs;
      this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
    }
    await this.#handOver(messages, receivedFrom, reserved);
    if (pauseMs > 0) await pause(clock, pauseMs, this.#stopping.signal);
  }

  /** A message that comes while it is stopping, or beyond what was asked for, is returned at once. */
  async #handOver(
    messages: readonly ReceivedMessage[],
    receivedFrom: number,
    reserved: readonly Reservation[],
  ): Promise<void> {
    const taken = this.#stopping.signal.aborted ? 0 : Math.min(messages.length, reserved.length);
    for (const reservation of reserved.slice(taken)) reservation.release();
    for (const [index, reservation] of reserved.slice(0, taken).entries()) {
      const message = messages[index];
      if (message === undefined) reservation.release();
      else this.#deliver(message, receivedFrom, reservation);
    }
    if (messages.length > taken) await this.#returnToQueue(messages.slice(taken), receivedFrom);
  }

  /** Unless its time is over: on some stacks that would take a message from another who holds it by now. */
  async #returnToQueue(messages: readonly ReceivedMessage[], receivedFrom: number): Promise<void> {
    await Promise.all(
      messages.map(({ receiptHandle }) =>
        new Lease(this.#ports, receiptHandle, receivedFrom, this.#visibilityTimeoutMs).returnToQueue(0),
      ),
    );
  }
}
