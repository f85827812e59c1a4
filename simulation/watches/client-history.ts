/** Compares what clients requested and what they were answered with the tables. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { parseTaskId, type BatchId, type TaskId } from '../../contracts/batch/ids.js';
import { taskAnswer } from '../../contracts/http/task-view.js';
import { isTerminalStatus } from '../../contracts/batch/task-status.js';
import type { TaskAnswer } from '../../contracts/http/answers.js';
import type { Execution } from '../engine/execution.js';
import type { TableResets } from './table-resets.js';

/** How often the tables had been emptied. */
type ResetCount = number;

export class ClientHistory {
  readonly #execution: Execution;
  readonly #read: (id: BatchId) => BatchDocument | undefined;
  /** Every task whose id a client received. */
  readonly accepted = new Set<TaskId>();
  readonly #cancelRequests = new Map<TaskId, number>();
  readonly #requests = new Map<string, { readonly atMs: number; readonly deadlineMs: number }>();
  readonly #keyed = new Set<string>();
  readonly #tasksOfKey = new Map<string, { readonly taskIds: string; readonly since: ResetCount }>();
  /** The terminal states that clients received. */
  readonly #terminalAnswers = new Map<TaskId, TaskAnswer>();
  readonly #tableResets: TableResets;
  /** Keys that named other tasks after the tables were emptied, because no coordinator that remembered them was asked. */
  readonly rekeyed = new Set<string>();

  /** @param read reads the table of batches */
  constructor(
    execution: Execution,
    read: (id: BatchId) => BatchDocument | undefined,
    emptyings: TableResets,
  ) {
    this.#execution = execution;
    this.#read = read;
    this.#tableResets = emptyings;
  }

  /** The first attempt of a request. */
  recordRequest(requestId: string, deadlineMs = Infinity): void {
    this.#requests.set(requestId, { atMs: this.#execution.time.nowMs, deadlineMs });
  }

  /** The earliest time of admission. */
  requestedAtMs(requestId: string): number {
    return this.#requests.get(requestId)?.atMs ?? Infinity;
  }

  /** Infinity without a deadline. */
  deadlineMsOf(requestId: string): number {
    return this.#requests.get(requestId)?.deadlineMs ?? Infinity;
  }

  /** Requests with the same key compete, and the coordinator that loses cancels its own tasks. */
  recordKeyedRequest(requestId: string): void {
    this.#keyed.add(requestId);
  }

  /** Read when a request is sent, and passed to `recordAnswers`. */
  get resetCount(): ResetCount {
    return this.#tableResets.count;
  }

  /** After the tables were emptied a batch is missing for a while, or is restored in an older state. */
  mayDiffer(taskId: string): boolean {
    const id = parseTaskId(taskId);
    return id !== undefined && this.#tableResets.wasAffected(id.batchId);
  }

  #mayBeMissing(taskId: TaskId): boolean {
    const id = parseTaskId(taskId);
    return id !== undefined && this.#tableResets.isMissing(id.batchId);
  }

  recordCancelRequest(taskId: TaskId): void {
    this.#cancelRequests.set(taskId, (this.#cancelRequests.get(taskId) ?? 0) + 1);
  }

  mayBeCancelled(taskId: TaskId, requestId: string): boolean {
    return this.#cancelRequests.has(taskId) || this.#keyed.has(requestId);
  }

  wasCancelRequested(taskId: TaskId): boolean {
    return this.#cancelRequests.has(taskId);
  }

  /** Checks a 200 or 202 when it is sent. @param since `resetCount` at the request */
  recordAnswers(answers: readonly TaskAnswer[], key: string | undefined, since: ResetCount): void {
    for (const answer of answers) this.#compare(answer);
    if (key === undefined) return;
    const taskIds = answers.map(({ taskId }) => taskId).join(' ');
    const before = this.#tasksOfKey.get(key);
    this.#tasksOfKey.set(key, { taskIds, since });
    if (before === undefined || before.taskIds === taskIds) return;
    // The tables were emptied during or between the two requests.
    if (Math.min(before.since, since) < this.#tableResets.count) this.rekeyed.add(key);
    else
      this.#execution.reportViolation(
        'the same key gives the same tasks',
        `${key}: ${before.taskIds}, then ${taskIds}`,
      );
  }

  /** A client received the answer that its task is cancelled. */
  recordCancelled(taskId: TaskId): void {
    if (this.#stored(taskId)?.status !== 'cancelled' && !this.mayDiffer(taskId))
      this.#execution.reportViolation('a cancelled task stays cancelled', taskId);
  }

  /** A client received the answer that its task cannot be cancelled. */
  recordNotCancelled(taskId: TaskId): void {
    const isCancelled = this.#stored(taskId)?.status === 'cancelled';
    if (isCancelled && !this.mayDiffer(taskId) && this.#cancelRequests.get(taskId) === 1)
      this.#execution.reportViolation(
        'a write whose reply was lost is recognized',
        `${taskId}: its only cancel was stored, but the client received a refusal`,
      );
  }

  #compare(answer: TaskAnswer): void {
    const { taskId } = answer;
    this.accepted.add(taskId);
    const stored = this.#stored(taskId);
    if (isTerminalStatus(answer.status)) this.#terminalAnswers.set(taskId, answer);
    if (this.mayDiffer(taskId) && (stored !== undefined || this.#mayBeMissing(taskId))) return;
    if (stored === undefined) {
      this.#execution.reportViolation('a task that a client knows is stored', taskId);
    } else if (isTerminalStatus(answer.status) && describeAnswer(answer) !== describeAnswer(stored)) {
      const detail = `${taskId}: told ${describeAnswer(answer)}, stored ${describeAnswer(stored)}`;
      this.#execution.reportViolation('answers to clients match the table', detail);
    }
  }

  /** Tasks that clients know and that are lost, because every coordinator that knew them died before restoring them. */
  lostTasks(): TaskId[] {
    return [...this.accepted].filter((taskId) => {
      const id = parseTaskId(taskId);
      return id !== undefined && this.#tableResets.isOrphaned(id.batchId);
    });
  }

  /** Tasks that ended otherwise than a client was answered, because every coordinator that knew the end died before restoring it. */
  changedTasks(): TaskId[] {
    return [...this.#terminalAnswers].flatMap(([taskId, answer]) => {
      const stored = this.#stored(taskId);
      return stored !== undefined &&
        isTerminalStatus(stored.status) &&
        describeAnswer(stored) !== describeAnswer(answer)
        ? [taskId]
        : [];
    });
  }

  #stored(taskId: TaskId): TaskAnswer | undefined {
    const id = parseTaskId(taskId);
    const batch = id && this.#read(id.batchId);
    return id && batch?.tasks[id.taskIndex] && taskAnswer(batch, id.taskIndex);
  }
}

function describeAnswer({ status, label, score, error, workerId }: TaskAnswer): string {
  return JSON.stringify([status, label, score, error, workerId]);
}
