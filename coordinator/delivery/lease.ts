/**
 * A received message is ours until its visibility timeout runs out, counted from before the receive was sent, on our
 * own monotonic clock. After that we change no visibility any more: on some stacks a stale receipt handle still
 * works, and would take from another what it holds.
 *
 *     extended as long as work goes on ─┬─> returned to the queue: after so many seconds
 *                                       ├─> left to expire, as if it had never been extended
 *                                       └─> left to deletion
 */
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';

const SAFETY_MARGIN_MS = 500;

export interface LeasePorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly logger: Logger;
}

export class Lease {
  readonly #ports: LeasePorts;
  readonly #receiptHandle: string;
  readonly #visibilityTimeoutMs: number;
  /** When the message comes back, were it not for extensions, and no sooner: the queue counts from within the receive. */
  readonly #comesBackAt: number;
  /** Until when it is surely ours. */
  #endsAt: number;
  #isExtended = false;
  #isWorkGoingOn: () => boolean = () => true;
  #cancelTimer: () => void = () => undefined;
  #extending: Promise<void> = Promise.resolve();
  readonly #ended = new AbortController();
  /** Set once: whether the queue took back the message. */
  #returning: Promise<boolean> | undefined;

  /** @param receivedFrom monotonic, from before the receive was sent */
  constructor(ports: LeasePorts, receiptHandle: string, receivedFrom: number, visibilityTimeoutMs: number) {
    this.#ports = ports;
    this.#receiptHandle = receiptHandle;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
    this.#comesBackAt = ports.clock.monotonic() + visibilityTimeoutMs;
    this.#endsAt = receivedFrom + visibilityTimeoutMs;
    this.#scheduleExtension();
  }

  get receiptHandle(): string {
    return this.#receiptHandle;
  }

  get isHeld(): boolean {
    return this.#leftMs > 0;
  }

  /** Fires when it is extended no more. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** From here on it is extended only where that is so when the timeout of the receive is nearly over, and later. */
  extendOnlyWhile(isWorkGoingOn: () => boolean): void {
    this.#isWorkGoingOn = isWorkGoingOn;
    this.#cancelTimer();
    const nearlyOverAt = Math.min(this.#comesBackAt, this.#endsAt) - 2 * this.#marginMs;
    const checkInMs = nearlyOverAt - this.#ports.clock.monotonic();
    this.#scheduleExtension(Math.max(0, checkInMs));
  }

  /** Ends the extensions; the timeout then runs as it is. */
  async stop(): Promise<void> {
    this.#cancelTimer();
    this.#cancelTimer = () => undefined;
    await this.#extending;
    this.#ended.abort();
  }

  /**
   * Ends the extensions and gives up what they added, for a message comes back by the timeout that it was received with.
   * Where that has passed, the extension under way has the last word. Does nothing where the message was returned before.
   */
  async letExpire(): Promise<void> {
    await (this.#returning ??= this.#letExpire());
  }

  /**
   * Sets what is left of the timeout; does nothing where the lease has run out. The first call counts, and those that
   * follow it tell the same.
   * @returns whether the queue took it
   */
  async returnToQueue(seconds: number): Promise<boolean> {
    return (this.#returning ??= this.#setTimeLeft(seconds));
  }

  /** Nothing is left to return. */
  leaveToDeletion(): void {
    this.#returning ??= Promise.resolve(false);
  }

  async #letExpire(): Promise<boolean> {
    await this.stop();
    const seconds = Math.ceil((this.#comesBackAt - this.#ports.clock.monotonic()) / 1000);
    const isLonger = this.#isExtended && seconds > 0 && seconds * 1000 < this.#leftMs;
    return isLonger && (await this.#setTimeLeft(seconds));
  }

  async #setTimeLeft(seconds: number): Promise<boolean> {
    await this.stop();
    const leftMs = this.#leftMs;
    if (leftMs <= 0) return false;
    this.#endsAt = -Infinity;
    try {
      await this.#ports.queue.changeVisibility(this.#receiptHandle, seconds, leftMs);
      return true;
    } catch (error) {
      this.#ports.logger.warn({ error: messageOf(error) }, 'visibility.change_failed');
      return false;
    }
  }

  get #leftMs(): number {
    return this.#endsAt - this.#marginMs - this.#ports.clock.monotonic();
  }

  get #marginMs(): number {
    return Math.min(SAFETY_MARGIN_MS, this.#visibilityTimeoutMs / 10);
  }

  #scheduleExtension(inMs = Math.max(this.#marginMs, this.#halfOfLeftMs)): void {
    this.#cancelTimer = this.#ports.clock.timer(inMs, () => {
      this.#extending = this.#extending.then(() => this.#extend());
    });
  }

  get #halfOfLeftMs(): number {
    return (this.#endsAt - this.#ports.clock.monotonic()) / 2;
  }

  async #extend(): Promise<void> {
    if (!this.isHeld || !this.#isWorkGoingOn()) {
      this.#ended.abort();
      return;
    }
    const cancelBefore = this.#cancelTimer;
    await this.#extendNow();
    if (this.#cancelTimer === cancelBefore) this.#scheduleExtension();
  }

  async #extendNow(): Promise<void> {
    const from = this.#ports.clock.monotonic();
    try {
      await this.#ports.queue.changeVisibility(
        this.#receiptHandle,
        Math.round(this.#visibilityTimeoutMs / 1000),
        this.#leftMs,
      );
      this.#endsAt = from + this.#visibilityTimeoutMs;
      this.#isExtended = true;
    } catch (error) {
      this.#ports.logger.warn({ error: messageOf(error) }, 'lease.extend_failed');
    }
  }
}
