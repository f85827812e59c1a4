/**
 * Tells the batcher about the batches that it sent: how many tasks are in progress, how long a batch usually
 * takes, and how many clients were just answered and are expected to send again.
 */
import type { BatchId } from '../../contracts/batch/ids.js';
import { returnMs } from './gather-policy.js';

const SMOOTHING = 0.2;
const OVERDUE_FACTOR = 2;
const FIRST_GUESS_MS = 20;

interface Sent {
  readonly atMs: number;
  tasks: number;
}

export class LoadMeter {
  readonly #windowMs: number;
  readonly #sent = new Map<BatchId, Sent>();
  #batchTimeMs = FIRST_GUESS_MS;
  #latestEventMs = -Infinity;
  #expectedBack = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get batchTimeMs(): number {
    return this.#batchTimeMs;
  }

  get latestEventMs(): number {
    return this.#latestEventMs;
  }

  isIdle(nowMs: number): boolean {
    return this.tasksUnderWay(nowMs) === 0 && this.tasksExpectedBack(nowMs) === 0;
  }

  recordSent(id: BatchId, tasks: number, nowMs: number): void {
    this.#sent.set(id, { atMs: nowMs, tasks });
  }

  recordAnswers(id: BatchId, tasks: number, nowMs: number): void {
    const sent = this.#sent.get(id);
    if (sent !== undefined) {
      sent.tasks -= tasks;
      if (sent.tasks <= 0) {
        this.#sent.delete(id);
        this.#batchTimeMs += SMOOTHING * (nowMs - sent.atMs - this.#batchTimeMs);
      }
    }
    this.#expectedBack = this.tasksExpectedBack(nowMs) + tasks;
    this.#latestEventMs = nowMs;
  }

  /** For a batch that waits for its next delivery, or that was never sent: it is not in progress. */
  stopTracking(id: BatchId): void {
    this.#sent.delete(id);
  }

  recordArrivals(tasks: number, nowMs: number): void {
    this.#expectedBack = Math.max(0, this.tasksExpectedBack(nowMs) - tasks);
    this.#latestEventMs = nowMs;
  }

  /** Once no task has arrived for a while, no more clients are expected. */
  tasksExpectedBack(nowMs: number): number {
    return nowMs < this.patienceEndsAtMs ? this.#expectedBack : 0;
  }

  /** When clients are no longer expected back. */
  get patienceEndsAtMs(): number {
    return this.#latestEventMs + returnMs({ windowMs: this.#windowMs, batchTimeMs: this.#batchTimeMs });
  }

  /** A batch that takes more than twice the usual time does not count. */
  tasksUnderWay(nowMs: number): number {
    const overdueMs = Math.max(OVERDUE_FACTOR * this.#batchTimeMs, this.#windowMs);
    let tasks = 0;
    for (const [id, sent] of this.#sent) {
      if (nowMs - sent.atMs <= overdueMs) tasks += sent.tasks;
      else this.#sent.delete(id);
    }
    return tasks;
  }
}
