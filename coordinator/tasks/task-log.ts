/**
 * A log line for each task that became final, and above a rate one for each batch: half a thousand lines a second are read
 * by nobody, and fill a disk in days. What did not succeed has a line of its own at any rate.
 */
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { TaskStatus } from '../../contracts/batch/task-status.js';

export interface FinalTaskFields {
  readonly latencyMs: number;
  readonly outcome: TaskStatus;
}

/** Within a second; more than a person follows. */
const MAX_TASK_LINES_PER_SECOND = 100;

export class TaskLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #secondBeganAtMs = -Infinity;
  #tasksOfSecond = 0;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Logs the tasks of one batch that became terminal together. */
  record(batchId: string, tasks: readonly FinalTaskFields[]): void {
    const succeeded = tasks.filter(({ outcome }) => outcome === 'succeeded');
    const isOneLine = this.#isAboveRate(tasks.length) && succeeded.length > 1;
    for (const task of tasks) {
      const isInSummary = isOneLine && task.outcome === 'succeeded';
      if (isInSummary) this.#logger.debug(task, 'task.final');
      else this.#logger.info(task, 'task.final');
    }
    if (!isOneLine) return;
    const latencies = succeeded.map(({ latencyMs }) => latencyMs);
    this.#logger.info(
      {
        batchId,
        tasks: succeeded.length,
        latencyMs: Math.max(...latencies),
        outcome: 'succeeded' satisfies TaskStatus,
      },
      'tasks.final',
    );
  }

  #isAboveRate(tasks: number): boolean {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#secondBeganAtMs >= 1000) {
      this.#secondBeganAtMs = nowMs;
      this.#tasksOfSecond = 0;
    }
    this.#tasksOfSecond += tasks;
    return this.#tasksOfSecond > MAX_TASK_LINES_PER_SECOND;
  }
}
