/**
 * A received message is ours until its visibility timeout runs out, counted from before the receive was sent, on our
 * own monotonic clock. After that we change no visibility any more: on some stacks a stale receipt handle still
 * works, and would take from another what it holds.
 */
import type { BatchQueue, Clock, Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';

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
  #endsAt: number;
  #cancelTimer: () => void = () => undefined;
  #extending: Promise<void> = Promise.resolve();

  /** @param receivedFrom monotonic, from before the receive was sent */
  constructor(ports: LeasePorts, receiptHandle: string, receivedFrom: number, visibilityTimeoutMs: number) {
    this.#ports = ports;
    this.#receiptHandle = receiptHandle;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
    this.#endsAt = receivedFrom + visibilityTimeoutMs;
    this.#scheduleExtension();
  }

  get receiptHandle(): string {
    return this.#receiptHandle;
  }

  get isHeld(): boolean {
    return this.#leftMs > 0;
  }

  /** Ends the extensions; the timeout then runs as it is. */
  async stop(): Promise<void> {
    this.#cancelTimer();
    this.#cancelTimer = () => undefined;
    await this.#extending;
  }

  /** Sets what is left of the timeout; does nothing where the lease has run out. */
  async giveBack(seconds: number): Promise<void> {
    await this.stop();
    const leftMs = this.#leftMs;
    if (leftMs <= 0) return;
    this.#endsAt = -Infinity;
    try {
      await this.#ports.queue.changeVisibility(this.#receiptHandle, seconds, leftMs);
    } catch (error) {
      this.#ports.logger.warn({ error: messageOf(error) }, 'visibility.unchanged');
    }
  }

  get #leftMs(): number {
    return this.#endsAt - this.#marginMs - this.#ports.clock.monotonic();
  }

  get #marginMs(): number {
    return Math.min(SAFETY_MARGIN_MS, this.#visibilityTimeoutMs / 10);
  }

  #scheduleExtension(): void {
    const inMs = (this.#endsAt - this.#ports.clock.monotonic()) / 2;
    this.#cancelTimer = this.#ports.clock.timer(Math.max(inMs, this.#marginMs), () => {
      this.#extending = this.#extend();
    });
  }

  async #extend(): Promise<void> {
    if (!this.isHeld) return;
    const cancelBefore = this.#cancelTimer;
    const from = this.#ports.clock.monotonic();
    try {
      await this.#ports.queue.changeVisibility(
        this.#receiptHandle,
        Math.round(this.#visibilityTimeoutMs / 1000),
        this.#leftMs,
      );
      this.#endsAt = from + this.#visibilityTimeoutMs;
    } catch (error) {
      this.#ports.logger.warn({ error: messageOf(error) }, 'lease.unextended');
    }
    if (this.#cancelTimer === cancelBefore) this.#scheduleExtension();
  }
}
