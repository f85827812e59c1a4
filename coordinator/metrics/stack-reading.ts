/**
 * Metrics that only the stack knows. They are read at most once a second, and a scrape does not wait long for them.
 */
import type { BatchQueue, QueueDepth } from '../../contracts/stack/batch-queue.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import { settledWithin } from '../async/repeat.js';

export interface StackReading {
  readonly queue: QueueDepth;
  readonly deadLetters: QueueDepth;
  /** 0 without unfinished batches. */
  readonly oldestQueuedMs: number;
}

export interface StackReadingPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly batches: BatchStore;
}

const FRESH_MS = 1000;
const MAX_READ_MS = 2000;

export class StackReader {
  readonly #ports: StackReadingPorts;
  readonly #visibilityTimeoutMs: number;
  #latest: { readonly atMs: number; readonly reading: Promise<StackReading | undefined> } | undefined;

  constructor(ports: StackReadingPorts, visibilityTimeoutMs: number) {
    this.#ports = ports;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
  }

  /** @returns `undefined` if the stack does not answer in time */
  async read(): Promise<StackReading | undefined> {
    const nowMs = this.#ports.clock.monotonic();
    if (this.#latest === undefined || nowMs - this.#latest.atMs >= FRESH_MS) {
      this.#latest = { atMs: nowMs, reading: this.#readStack().catch(() => undefined) };
    }
    const { reading } = this.#latest;
    const isInTime = await settledWithin(this.#ports.clock, reading, MAX_READ_MS);
    return isInTime ? reading : undefined;
  }

  async #readStack(): Promise<StackReading> {
    const { clock, queue, batches } = this.#ports;
    const [depth, deadLetters, open] = await Promise.all([
      queue.depth(),
      queue.deadLetters.depth(),
      batches.listOpen(1, () => undefined),
    ]);
    return { queue: depth, deadLetters, oldestQueuedMs: this.#untouchedMs(open.entries[0], clock.now()) };
  }

  /** The time of an entry is when its batch is presumed lost: its last write plus two visibility timeouts. */
  #untouchedMs(oldest: { readonly atMs: number } | undefined, nowMs: number): number {
    return oldest === undefined ? 0 : Math.max(0, nowMs - (oldest.atMs - 2 * this.#visibilityTimeoutMs));
  }
}
