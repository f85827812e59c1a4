/** Sees every document that ever comes to stand in the table, and compares it with the one before. */
import type { BatchDocument, TaskState } from '../../contracts/batch/batch.js';
import { isOpen } from '../../contracts/batch/batch-state.js';
import { taskIdOf } from '../../contracts/batch/ids.js';
import { answerTo, HOPELESS } from '../workers/function-model.js';
import type { Execution } from '../engine/execution.js';
import type { Emptyings } from './emptyings.js';
import type { Told } from './client-history.js';

/** What a worker's word is taken for. */
const TOO_EARLY_MS = 21;

export class StoreWatch {
  readonly #execution: Execution;
  readonly #told: Told;
  readonly #emptyings: Emptyings;

  constructor(execution: Execution, told: Told, emptyings: Emptyings) {
    this.#execution = execution;
    this.#told = told;
    this.#emptyings = emptyings;
  }

  written(batch: BatchDocument, before: BatchDocument | undefined, how: string): void {
    this.#execution.tell(() => `table ${batch.id} ${how} rev ${batch.rev}: ${slotsInWords(batch)}`);
    this.#emptyings.written(batch);
    if (before === undefined) {
      batch.tasks.forEach((slot, index) => {
        if (!isOpen(slot) && !this.#emptyings.hasStood(taskIdOf(batch.id, index), slot))
          this.#broken('a batch begins with open tasks, or as it stood before', batch, index);
      });
      return;
    }
    // What is put back goes past the revision of whoever held it.
    const isNext = this.#emptyings.hasShaken(batch.id)
      ? batch.rev > before.rev
      : batch.rev === before.rev + 1;
    if (how === 'replaced' && !isNext) {
      this.#broken('every write is on top of the one before', batch, -1);
    }
    if (batch.tasks === before.tasks) return;
    batch.tasks.forEach((slot, index) => {
      const previous = before.tasks[index];
      if (slot === previous || JSON.stringify(slot) === JSON.stringify(previous)) return;
      if (!isOpen(previous)) this.#broken('a final state never changes', batch, index, previous);
      else this.#closed(batch, index, slot);
    });
  }

  #closed(batch: BatchDocument, index: number, slot: TaskState): void {
    const input = batch.inputs[index];
    if (input === undefined) return;
    const taskId = taskIdOf(batch.id, index);
    this.#emptyings.closed(taskId, slot);
    switch (slot.status) {
      case 'open':
        return;
      case 'succeeded': {
        const { label, score } = answerTo(input.text);
        if (slot.label !== label || slot.score !== score)
          this.#broken('the same text gets the same answer', batch, index);
        return;
      }
      case 'failed':
        if (batch.deadLetteredAtMs === undefined && !input.text.includes(HOPELESS))
          this.#broken('a task fails only when all its deliveries are used', batch, index);
        return;
      case 'expired':
        if (input.deadlineAtMs === undefined) this.#broken('only a deadline expires a task', batch, index);
        else this.#checkDeadline(batch, index, input.requestId);
        return;
      case 'cancelled':
        if (!this.#told.mayBeCancelled(taskId, input.requestId))
          this.#broken('nobody cancels but who asked for the task', batch, index);
    }
  }

  /** By true time, of which no machine's wall clock knows. */
  #checkDeadline(batch: BatchDocument, index: number, requestId: string): void {
    const deadlineMs = this.#told.deadlineMsOf(requestId);
    const lastedMs = this.#execution.time.nowMs - this.#told.askedAtMs(requestId);
    if (lastedMs < deadlineMs - TOO_EARLY_MS)
      this.#broken(`no task expires before its deadline`, batch, index);
  }

  #broken(promise: string, batch: BatchDocument, index: number, before?: TaskState): void {
    const now = JSON.stringify(batch.tasks[index] ?? batch);
    const was = before === undefined ? '' : `, was ${JSON.stringify(before)}`;
    this.#execution.broken(promise, `${taskIdOf(batch.id, index)} is ${now}${was}`);
  }
}

function slotsInWords({ tasks: slots }: BatchDocument): string {
  return slots.map(({ status }) => (status === 'open' ? '.' : status.slice(0, 1))).join('');
}
