/**
 * What stood in the tables when they were emptied. It may be missing until a coordinator that held it has put it back;
 * what nobody held who lived so long may be gone for good.
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
  /** Every final state that ever stood, as JSON. */
  readonly #everStored = new Map<TaskId, Set<string>>();

  /** @param isSafe whether whoever accepted it is alive, or somebody who is alive holds it */
  constructor(isSafe: (batch: BatchDocument) => boolean) {
    this.#isRestorable = isSafe;
  }

  /** The tables are about to be emptied. */
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

  /** Whether an emptying took it at any time. */
  wasAffected(id: BatchId): boolean {
    return this.#affected.has(id);
  }

  /** Whether it is not back yet. */
  isMissing(id: BatchId): boolean {
    return this.#missing.has(id);
  }

  /** Whether it is not back and nobody could have put it back. */
  isOrphaned(id: BatchId): boolean {
    return this.#missing.has(id) && this.#orphaned.has(id);
  }

  /** Whether an emptying took it, and all its tasks were final at some time: some coordinators know, others do not. */
  wasFinished(id: BatchId): boolean {
    return this.#affected.has(id) && this.#finished.has(id);
  }

  /** Whether this final state stood before. */
  wasStoredBefore(taskId: TaskId, slot: TaskState): boolean {
    return this.#everStored.get(taskId)?.has(JSON.stringify(slot)) === true;
  }
}
