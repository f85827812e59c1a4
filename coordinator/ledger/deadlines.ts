/**
 * When tasks expire, by this coordinator's monotonic clock. Of those that were admitted here the time counts from their
 * admission. Of another's nobody knows how long ago by one's own clock that was: all of their time counts from when they
 * were first seen here, so that none expires early because two clocks differ, and none that its coordinator left behind
 * waits for ever.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { openTaskIndexes } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';

/** The bound for batches of other coordinators; the time counts anew for one that was forgotten. */
const MAX_REMEMBERED_BATCHES = 20_000;

export class Deadlines {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Monotonic, by taskIndex. */
  readonly #admitted = new Map<BatchId, readonly number[]>();
  /** Monotonic, the oldest first. */
  readonly #seen = new Map<BatchId, number>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** @param atMs monotonic, when each of its tasks was admitted here */
  recordAdmission({ id, inputs }: BatchDocument, atMs: readonly number[]): void {
    if (inputs.some(({ deadlineAtMs }) => deadlineAtMs !== undefined)) this.#admitted.set(id, atMs);
  }

  /** From now on its time counts, where it does not already. */
  startCounting({ id, inputs }: BatchDocument): void {
    const hasNone = inputs.every(({ deadlineAtMs }) => deadlineAtMs === undefined);
    if (hasNone || this.#admitted.has(id) || this.#seen.has(id)) return;
    this.#seen.set(id, this.#clock.monotonic());
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= MAX_REMEMBERED_BATCHES) return;
      this.#seen.delete(oldest);
    }
  }

  forget(id: BatchId): void {
    this.#admitted.delete(id);
    this.#seen.delete(id);
  }

  /** Infinity where it has none; negative where it is past. */
  leftMs(batch: BatchDocument, taskIndex: number): number {
    return this.dueAt(batch, taskIndex) - this.#clock.monotonic();
  }

  /** The open tasks that are past their deadline. */
  overdueTasks(batch: BatchDocument): number[] {
    return openTaskIndexes(batch).filter((taskIndex) => this.leftMs(batch, taskIndex) <= 0);
  }

  /** Monotonic; Infinity where it has none. */
  dueAt(batch: BatchDocument, taskIndex: number): number {
    const { deadlineAtMs, acceptedAtMs = Infinity } = batch.inputs[taskIndex] ?? {};
    if (deadlineAtMs === undefined) return Infinity;
    this.startCounting(batch);
    const from =
      this.#admitted.get(batch.id)?.[taskIndex] ?? this.#seen.get(batch.id) ?? this.#clock.monotonic();
    return from + deadlineAtMs - acceptedAtMs;
  }

  /** Returns the earliest deadline of these tasks; Infinity where there is none. */
  earliest(batch: BatchDocument, taskIndexes: readonly number[]): number {
    return taskIndexes.reduce(
      (earliest, taskIndex) => Math.min(earliest, this.dueAt(batch, taskIndex)),
      Infinity,
    );
  }
}
