/**
 * The batches that were in the tables when these were emptied. A batch may be missing until a coordinator that knows it has
 * restored it. It may be lost if no such coordinator is alive.
 */
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchDocument, TaskState } from '../../contracts/batch/batch.js';
import type { BatchId, TaskId } from '../../contracts/batch/ids.js';

export class TableResets {
  count = 0;
  readonly #isRestorable: (batch: BatchDocument) => boolean;
  readonly #affected = new Set<BatchId>();
  readonly #missing = new Map<BatchId, BatchDocument>();
  readonly #orphaned = new Set<BatchId>();
  readonly #finished = new Set<BatchId>();
  /** Every terminal state that was ever stored, as JSON. */
  readonly #everStored = new Map<TaskId, Set<string>>();

  /** @param isRestorable whether a living coordinator accepted the batch or knows it */
  constructor(isRestorable: (batch: BatchDocument) => boolean) {
    this.#isRestorable = isRestorable;
  }

  /** Called before the tables are emptied. */
  recordReset(batches: Iterable<BatchDocument>): void {
    this.count += 1;
    for (const batch of batches) {
      this.#affected.add(batch.id);
      this.#missing.set(batch.id, batch);
    }
    this.recordCoordinatorDeath();
  }

  recordCoordinatorDeath(): void {
    for (const batch of this.#missing.values()) if (!this.#isRestorable(batch)) this.#orphaned.add(batch.id);
  }

  recordWrite(batch: BatchDocument): void {
    this.#missing.delete(batch.id);
    this.#orphaned.delete(batch.id);
    if (isTerminal(batch)) this.#finished.add(batch.id);
  }

  recordTerminalTask(taskId: TaskId, slot: TaskState): void {
    const stood = this.#everStored.get(taskId) ?? new Set();
    this.#everStored.set(taskId, stood.add(JSON.stringify(slot)));
  }

  /** Whether a reset ever removed the batch. */
  wasAffected(id: BatchId): boolean {
    return this.#affected.has(id);
  }

  /** Whether the batch is not restored yet. */
  isMissing(id: BatchId): boolean {
    return this.#missing.has(id);
  }

  /** Whether the batch is missing and no living coordinator could restore it. */
  isOrphaned(id: BatchId): boolean {
    return this.#missing.has(id) && this.#orphaned.has(id);
  }

  /** Whether a reset removed the batch, and all its tasks were terminal once. Not every coordinator knows so. */
  wasFinished(id: BatchId): boolean {
    return this.#affected.has(id) && this.#finished.has(id);
  }

  /** Whether this terminal state was stored before. */
  wasStoredBefore(taskId: TaskId, slot: TaskState): boolean {
    return this.#everStored.get(taskId)?.has(JSON.stringify(slot)) === true;
  }
}
