/**
 * Records how far the queue has got, as evidence that a message is not in it any more: one that was sent a
 * visibility timeout later has come out, or it has stood empty for as long. Nobody but its sender knows when a message was
 * sent, so only those of this coordinator are evidence, by their numbers and its own monotonic clock; the others see to it
 * with theirs.
 */
import type { Clock } from '../../contracts/system/clock.js';
import type { QueueDepth } from '../../contracts/stack/batch-queue.js';
import type { BatchMessage } from '../../contracts/batch/message.js';

/** Up to `at` (monotonic) no message was sent with a higher number. */
interface Mark {
  readonly number: number;
  at: number;
}

/** One whenever something was sent between two looks: hours of a backlog. */
const MAX_MARKS = 10_000;

export interface OwnMessages {
  readonly coordinatorId: string;
  /** The number of the latest batch that was sent. */
  readonly lastNumber: () => number;
}

export class QueueProgress {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #visibilityTimeoutMs: number;
  readonly #own: OwnMessages;
  readonly #marks: Mark[] = [];
  /** Monotonic: a message has come out that was sent after that. */
  #sentAfter = -Infinity;
  #emptySince: number | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>, visibilityTimeoutMs: number, own: OwnMessages) {
    this.#clock = clock;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
    this.#own = own;
  }

  /** To be called now and then: times are known as finely as that. */
  mark(): void {
    const number = this.#own.lastNumber();
    const at = this.#clock.monotonic();
    const last = this.#marks.at(-1);
    if (last?.number === number) last.at = at;
    else this.#marks.push({ number, at });
    if (this.#marks.length > MAX_MARKS) this.#marks.shift();
  }

  recordReceived({ send, coordinatorId, batchNumber }: ReceivedOne): void {
    this.#emptySince = undefined;
    // One that was sent again has the number of the first.
    if (send > 1 || coordinatorId !== this.#own.coordinatorId) return;
    const mark = this.#marks.findLast(({ number }) => number < batchNumber);
    if (mark !== undefined) this.#sentAfter = Math.max(this.#sentAfter, mark.at);
  }

  recordDepth({ visible, inFlight, delayed }: QueueDepth): void {
    if (visible + inFlight + delayed > 0) this.#emptySince = undefined;
    else this.#emptySince ??= this.#clock.monotonic();
  }

  /** Whether a message must have left the queue by now that was sent before `since`, monotonic. */
  hasPassed(since: number): boolean {
    // Queues keep the order only roughly: a message that was sent a little later may well come out first.
    return since + this.#visibilityTimeoutMs < this.#sentAfter || this.#isEmpty();
  }

  #isEmpty(): boolean {
    const since = this.#emptySince;
    return since !== undefined && this.#clock.monotonic() - since >= this.#visibilityTimeoutMs;
  }
}

type ReceivedOne = Pick<BatchMessage, 'send' | 'coordinatorId' | 'batchNumber'>;
