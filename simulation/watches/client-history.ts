/** What clients asked for and what they were told: the other half of every promise. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { parseTaskId, type BatchId, type TaskId } from '../../contracts/batch/ids.js';
import { taskAnswer } from '../../contracts/http/task-view.js';
import { isTerminalStatus } from '../../contracts/http/task-status.js';
import type { TaskAnswer } from '../../contracts/http/answers.js';
import type { Execution } from '../engine/execution.js';
import type { TableResets } from './table-resets.js';

/** How often the tables had been emptied by then. */
type ResetCount = number;

export class ClientHistory {
  readonly #execution: Execution;
  readonly #read: (id: BatchId) => BatchDocument | undefined;
  /** Every task that a client was told of. */
  readonly accepted = new Set<TaskId>();
  readonly #cancelRequests = new Map<TaskId, number>();
  readonly #requests = new Map<string, { readonly atMs: number; readonly deadlineMs: number }>();
  readonly #keyed = new Set<string>();
  readonly #tasksOfKey = new Map<string, { readonly taskIds: string; readonly since: ResetCount }>();
  /** The final states that clients were told. */
  readonly #terminalAnswers = new Map<TaskId, TaskAnswer>();
  readonly #tableResets: TableResets;
  /** Keys that stood for other tasks after an emptying: nobody who remembered them was asked. */
  readonly rekeyed = new Set<string>();

  /** @param read what stands in the table */
  constructor(
    execution: Execution,
    read: (id: BatchId) => BatchDocument | undefined,
    emptyings: TableResets,
  ) {
    this.#execution = execution;
    this.#read = read;
    this.#tableResets = emptyings;
  }

  /** Now, for the first time. */
  recordRequest(requestId: string, deadlineMs = Infinity): void {
    this.#requests.set(requestId, { atMs: this.#execution.time.nowMs, deadlineMs });
  }

  /** The earliest moment at which it can have been admitted. */
  requestedAtMs(requestId: string): number {
    return this.#requests.get(requestId)?.atMs ?? Infinity;
  }

  /** Infinity where it has none. */
  deadlineMsOf(requestId: string): number {
    return this.#requests.get(requestId)?.deadlineMs ?? Infinity;
  }

  /** A request with a key: whoever loses the race for it cancels its own tasks. */
  recordKeyedRequest(requestId: string): void {
    this.#keyed.add(requestId);
  }

  /** To be taken when a request is asked, and given back when it is answered. */
  get resetCount(): ResetCount {
    return this.#tableResets.count;
  }

  /** In an emptied table a batch is missing for a while, or stands there as whoever put it back first knew it. */
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

  /** 200 or 202, at the moment at which it is sent, to what was asked at `since`. */
  recordAnswers(answers: readonly TaskAnswer[], key: string | undefined, since: ResetCount): void {
    for (const answer of answers) this.#compare(answer);
    if (key === undefined) return;
    const taskIds = answers.map(({ taskId }) => taskId).join(' ');
    const before = this.#tasksOfKey.get(key);
    this.#tasksOfKey.set(key, { taskIds, since });
    if (before === undefined || before.taskIds === taskIds) return;
    // Emptied while one of the two was under way, or between them.
    if (Math.min(before.since, since) < this.#tableResets.count) this.rekeyed.add(key);
    else
      this.#execution.reportViolation(
        'the same key gives the same tasks',
        `${key}: ${before.taskIds}, then ${taskIds}`,
      );
  }

  /** A client was told that its task is cancelled. */
  recordCancelled(taskId: TaskId): void {
    if (this.#stored(taskId)?.status !== 'cancelled' && !this.mayDiffer(taskId))
      this.#execution.reportViolation('what was cancelled stays so', taskId);
  }

  /** A client was told that its task cannot be cancelled. */
  recordNotCancelled(taskId: TaskId): void {
    const isCancelled = this.#stored(taskId)?.status === 'cancelled';
    if (isCancelled && !this.mayDiffer(taskId) && this.#cancelRequests.get(taskId) === 1)
      this.#execution.reportViolation(
        'a write whose reply was lost is recognised',
        `${taskId}: its one cancel landed, and its client was told that it did not`,
      );
  }

  #compare(answer: TaskAnswer): void {
    const { taskId } = answer;
    this.accepted.add(taskId);
    const stored = this.#stored(taskId);
    if (isTerminalStatus(answer.status)) this.#terminalAnswers.set(taskId, answer);
    if (this.mayDiffer(taskId) && (stored !== undefined || this.#mayBeMissing(taskId))) return;
    if (stored === undefined) {
      this.#execution.reportViolation('a task that a client was told of is stored', taskId);
    } else if (isTerminalStatus(answer.status) && describeAnswer(answer) !== describeAnswer(stored)) {
      const detail = `${taskId}: told ${describeAnswer(answer)}, stored ${describeAnswer(stored)}`;
      this.#execution.reportViolation('clients are told what is stored', detail);
    }
  }

  /** Tasks that clients were told of and that are gone: whoever accepted them died before they were put back. */
  lostTasks(): TaskId[] {
    return [...this.accepted].filter((taskId) => {
      const id = parseTaskId(taskId);
      return id !== undefined && this.#tableResets.isOrphaned(id.batchId);
    });
  }

  /** Tasks that ended otherwise than a client was told: whoever knew how died before the tables were filled again. */
  changedTasks(): TaskId[] {
    return [...this.#terminalAnswers].flatMap(([taskId, told]) => {
      const stored = this.#stored(taskId);
      return stored !== undefined &&
        isTerminalStatus(stored.status) &&
        describeAnswer(stored) !== describeAnswer(told)
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
