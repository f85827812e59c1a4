/**
 * What the batcher must know of the batches that it sent: how many are under way, how long one usually takes, and
 * how many clients have just been answered.
 */
import type { BatchId } from '../../contracts/ids.js';

const SMOOTHING = 0.2;
const OVERDUE_FACTOR = 2;
const FIRST_GUESS_MS = 20;

export class LoadMeter {
  readonly #windowMs: number;
  readonly #sentAt = new Map<BatchId, number>();
  #batchTimeMs = FIRST_GUESS_MS;
  #answeredAtMs = -Infinity;
  #expectedBack = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get batchTimeMs(): number {
    return this.#batchTimeMs;
  }

  get answeredAtMs(): number {
    return this.#answeredAtMs;
  }

  sent(id: BatchId, nowMs: number): void {
    this.#sentAt.set(id, nowMs);
  }

  answered(id: BatchId, tasks: number, nowMs: number): void {
    const sentAtMs = this.#sentAt.get(id);
    if (this.#sentAt.delete(id) && sentAtMs !== undefined) {
      this.#batchTimeMs += SMOOTHING * (nowMs - sentAtMs - this.#batchTimeMs);
    }
    this.#expectedBack = this.expectedBack(nowMs) + tasks;
    this.#answeredAtMs = nowMs;
  }

  /** A batch that waits for its next delivery, or that never left: not under way. */
  setAside(id: BatchId): void {
    this.#sentAt.delete(id);
  }

  came(tasks: number): void {
    this.#expectedBack = Math.max(0, this.#expectedBack - tasks);
  }

  /** Clients answered within the last window that have not come back yet. */
  expectedBack(nowMs: number): number {
    return nowMs - this.#answeredAtMs <= this.#windowMs ? this.#expectedBack : 0;
  }

  /** Batches under way; one past twice the usual time is not waited for. */
  outstandingBatches(nowMs: number): number {
    const overdueMs = Math.max(OVERDUE_FACTOR * this.#batchTimeMs, this.#windowMs);
    let count = 0;
    for (const [id, sentAtMs] of this.#sentAt) {
      if (nowMs - sentAtMs <= overdueMs) count += 1;
      else this.#sentAt.delete(id);
    }
    return count;
  }
}
