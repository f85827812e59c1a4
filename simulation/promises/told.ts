/** What clients asked for and what they were told: the other half of every promise. */
import type { BatchDocument } from '../../contracts/batch.js';
import { parseTaskId, type BatchId, type TaskId } from '../../contracts/ids.js';
import { isFinalStatus, taskAnswer, type TaskAnswer } from '../../contracts/task-view.js';
import type { Execution } from '../engine/execution.js';

export class Told {
  readonly #execution: Execution;
  readonly #read: (id: BatchId) => BatchDocument | undefined;
  /** Every task that a client was told of. */
  readonly accepted = new Set<TaskId>();
  readonly #cancelAsked = new Map<TaskId, number>();
  readonly #keyed = new Set<string>();
  readonly #tasksOfKey = new Map<string, string>();

  /** @param read what stands in the table */
  constructor(execution: Execution, read: (id: BatchId) => BatchDocument | undefined) {
    this.#execution = execution;
    this.#read = read;
  }

  /** A request with a key: whoever loses the race for it cancels its own tasks. */
  askedWithKey(requestId: string): void {
    this.#keyed.add(requestId);
  }

  askedToCancel(taskId: TaskId): void {
    this.#cancelAsked.set(taskId, (this.#cancelAsked.get(taskId) ?? 0) + 1);
  }

  mayBeCancelled(taskId: TaskId, requestId: string): boolean {
    return this.#cancelAsked.has(taskId) || this.#keyed.has(requestId);
  }

  wasAskedToCancel(taskId: TaskId): boolean {
    return this.#cancelAsked.has(taskId);
  }

  /** 200 or 202, at the moment at which it is sent. */
  answered(answers: readonly TaskAnswer[], key: string | undefined): void {
    for (const answer of answers) this.#compare(answer);
    if (key === undefined) return;
    const taskIds = answers.map(({ taskId }) => taskId).join(' ');
    const before = this.#tasksOfKey.get(key);
    this.#tasksOfKey.set(key, taskIds);
    if (before !== undefined && before !== taskIds)
      this.#execution.broken('the same key gives the same tasks', `${key}: ${before}, then ${taskIds}`);
  }

  /** A client was told that its task is cancelled. */
  cancelled(taskId: TaskId): void {
    if (this.#stored(taskId)?.status !== 'cancelled')
      this.#execution.broken('what was cancelled stays so', taskId);
  }

  /** A client was told that its task cannot be cancelled. */
  notCancelled(taskId: TaskId): void {
    const isCancelled = this.#stored(taskId)?.status === 'cancelled';
    if (isCancelled && this.#cancelAsked.get(taskId) === 1)
      this.#execution.broken(
        'a write whose reply was lost is recognised',
        `${taskId}: its one cancel landed, and its client was told that it did not`,
      );
  }

  #compare(answer: TaskAnswer): void {
    const { taskId } = answer;
    this.accepted.add(taskId);
    const stored = this.#stored(taskId);
    if (stored === undefined) {
      this.#execution.broken('a task that a client was told of is stored', taskId);
    } else if (isFinalStatus(answer.status) && inWords(answer) !== inWords(stored)) {
      const detail = `${taskId}: told ${inWords(answer)}, stored ${inWords(stored)}`;
      this.#execution.broken('clients are told what is stored', detail);
    }
  }

  #stored(taskId: TaskId): TaskAnswer | undefined {
    const id = parseTaskId(taskId);
    const batch = id && this.#read(id.batchId);
    return id && batch?.slots[id.slot] && taskAnswer(batch, id.slot);
  }
}

function inWords({ status, label, score, error, workerId }: TaskAnswer): string {
  return JSON.stringify([status, label, score, error, workerId]);
}
