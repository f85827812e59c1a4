/**
 * What is known of how far the queue has got, as evidence that a message is not in it any more: one that was sent a
 * visibility timeout later has come out, or it has stood empty for as long.
 */
import type { Clock, QueueDepth } from '../../contracts/ports.js';
import type { BatchMessage } from '../../contracts/message.js';

export class QueueProgress {
  readonly #clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly #visibilityTimeoutMs: number;
  #latestSentMs = -Infinity;
  #emptySince: number | undefined;

  constructor(clock: Pick<Clock, 'monotonic' | 'now'>, visibilityTimeoutMs: number) {
    this.#clock = clock;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
  }

  received({ send, createdAtMs }: Pick<BatchMessage, 'send' | 'createdAtMs'>): void {
    this.#emptySince = undefined;
    // One that was sent again says when its batch was made, not when it was sent.
    if (send > 1) return;
    const sentMs = Math.min(createdAtMs, this.#clock.now()); // by another's clock, which may be ahead
    this.#latestSentMs = Math.max(this.#latestSentMs, sentMs);
  }

  read({ visible, inFlight, delayed }: QueueDepth): void {
    if (visible + inFlight + delayed > 0) this.#emptySince = undefined;
    else this.#emptySince ??= this.#clock.monotonic();
  }

  /** Whether a message that was sent at the batch's latest touch must have left the queue by now. */
  hasPassed(touchedAtMs: number): boolean {
    // Queues keep the order only roughly: a message that was sent a little later may well come out first.
    return touchedAtMs + this.#visibilityTimeoutMs < this.#latestSentMs || this.#isEmpty();
  }

  #isEmpty(): boolean {
    const since = this.#emptySince;
    return since !== undefined && this.#clock.monotonic() - since >= this.#visibilityTimeoutMs;
  }
}
