/** Compares every stored document with the one before. */
import type { BatchDocument, TaskState } from '../../contracts/batch/batch.js';
import { isOpen } from '../../contracts/batch/batch-state.js';
import { taskIdOf } from '../../contracts/batch/ids.js';
import { answerTo, UNUSABLE } from '../workers/function-model.js';
import type { Execution } from '../engine/execution.js';
import type { TableResets } from './table-resets.js';
import type { ClientHistory } from './client-history.js';

/** How much too early a worker may expire a task. */
const TOLERATED_EARLY_MS = 21;

export class StoreWatch {
  readonly #execution: Execution;
  readonly #history: ClientHistory;
  readonly #tableResets: TableResets;

  constructor(execution: Execution, history: ClientHistory, emptyings: TableResets) {
    this.#execution = execution;
    this.#history = history;
    this.#tableResets = emptyings;
  }

  check(batch: BatchDocument, before: BatchDocument | undefined, how: string): void {
    this.#execution.trace(() => `table ${batch.id} ${how} rev ${batch.rev}: ${describeTasks(batch)}`);
    this.#tableResets.recordWrite(batch);
    if (before === undefined) {
      batch.tasks.forEach((slot, index) => {
        if (!isOpen(slot) && !this.#tableResets.wasStoredBefore(taskIdOf(batch.id, index), slot))
          this.#reportViolation(
            'a new batch has open tasks, or states that were stored before',
            batch,
            index,
          );
      });
      return;
    }
    // A restored batch has a higher revision than any coordinator knows.
    const isNext = this.#tableResets.wasAffected(batch.id)
      ? batch.rev > before.rev
      : batch.rev === before.rev + 1;
    if (how === 'replaced' && !isNext) {
      this.#reportViolation('every write follows the revision before it', batch, -1);
    }
    if (batch.tasks === before.tasks) return;
    batch.tasks.forEach((slot, index) => {
      const previous = before.tasks[index];
      if (slot === previous || JSON.stringify(slot) === JSON.stringify(previous)) return;
      if (!isOpen(previous)) this.#reportViolation('a terminal state never changes', batch, index, previous);
      else this.#checkTerminalTask(batch, index, slot);
    });
  }

  #checkTerminalTask(batch: BatchDocument, index: number, slot: TaskState): void {
    const input = batch.inputs[index];
    if (input === undefined) return;
    const taskId = taskIdOf(batch.id, index);
    this.#tableResets.recordTerminalTask(taskId, slot);
    switch (slot.status) {
      case 'open':
        return;
      case 'succeeded': {
        const { label, score } = answerTo(input.text);
        if (slot.label !== label || slot.score !== score)
          this.#reportViolation('the same text gets the same answer', batch, index);
        return;
      }
      case 'failed':
        if (batch.deadLetteredAtMs === undefined && !input.text.includes(UNUSABLE))
          this.#reportViolation('a task fails only when all its deliveries are used', batch, index);
        return;
      case 'expired':
        if (input.deadlineAtMs === undefined)
          this.#reportViolation('only a deadline expires a task', batch, index);
        else this.#checkDeadline(batch, index, input.requestId);
        return;
      case 'cancelled':
        if (!this.#history.mayBeCancelled(taskId, input.requestId))
          this.#reportViolation('only the client of a task cancels it', batch, index);
    }
  }

  /** By virtual time, not by any wall clock. */
  #checkDeadline(batch: BatchDocument, index: number, requestId: string): void {
    const deadlineMs = this.#history.deadlineMsOf(requestId);
    const lastedMs = this.#execution.time.nowMs - this.#history.requestedAtMs(requestId);
    if (lastedMs < deadlineMs - TOLERATED_EARLY_MS)
      this.#reportViolation(`no task expires before its deadline`, batch, index);
  }

  #reportViolation(promise: string, batch: BatchDocument, index: number, before?: TaskState): void {
    const now = JSON.stringify(batch.tasks[index] ?? batch);
    const was = before === undefined ? '' : `, was ${JSON.stringify(before)}`;
    this.#execution.reportViolation(promise, `${taskIdOf(batch.id, index)} is ${now}${was}`);
  }
}

function describeTasks({ tasks: slots }: BatchDocument): string {
  return slots.map(({ status }) => (status === 'open' ? '.' : status.slice(0, 1))).join('');
}
