/** The invokes of one delivery: what became of each is entered, and late answers are awaited and committed. */
import type { RunningInvoke } from '../../contracts/batch/batch.js';
import { recordDeliveryStarted } from './delivery-telemetry.js';
import type { DeliveryCommits } from './delivery-commits.js';
import type { DeliveryProgress } from './delivery-progress.js';
import {
  endInvoke,
  endSilently,
  leaveUntried,
  restartInvoke,
  startInvoke,
  timeOutInvoke,
} from './delivery-state.js';
import type { InvokeResult } from './invoke-result.js';
import { invokeTasks, type Invoke } from './invoke-tasks.js';
import { logFailure } from './log-failure.js';

const NOT_STARTED = -1;

export type InvokeWish = Pick<Invoke, 'taskIndexes' | 'taken' | 'reservation' | 'keepsReservation'> & {
  /** Workers to be chosen only if there is no other; the worker is added where the invoke fails. */
  readonly avoid: Set<string>;
};

export class Invocations {
  readonly #progress: DeliveryProgress;
  readonly #commits: DeliveryCommits;
  /** Invokes that outlasted their time and may still be answered, and the worker of each. */
  readonly #overdue = new Map<Promise<void>, string>();

  constructor(progress: DeliveryProgress, commits: DeliveryCommits) {
    this.#progress = progress;
    this.#commits = commits;
  }

  get hasOverdue(): boolean {
    return this.#overdue.size > 0;
  }

  /** Whether a worker says that it still has in hand what was to be answered by now. */
  get isComputed(): boolean {
    const { context, batch } = this.#progress;
    return [...this.#overdue.values()].some((id) => context.registry.isComputing(id, batch.id));
  }

  async overdueEnded(): Promise<void> {
    while (this.#overdue.size > 0) await Promise.all(this.#overdue.keys());
  }

  /** @returns whether a worker was reached */
  async invoke(wish: InvokeWish): Promise<boolean> {
    const { context, batch, number, span } = this.#progress;
    let index = NOT_STARTED;
    const result = await invokeTasks(context, context.options, {
      ...wish,
      batch,
      delivery: number,
      traceparent: span?.traceparent,
      mayStart: () => this.#progress.isRunning,
      onStart: (record) => (index = this.#start(index, record)),
    });
    const { state } = this.#progress;
    if (result === undefined) {
      if (index !== NOT_STARTED) this.#progress.state = leaveUntried(state, index, context.clock.now());
      return false;
    }
    const { workerId, error } = result.record;
    wish.taken.delete(workerId);
    if (error !== undefined) wish.avoid.add(workerId);
    if ('late' in result) {
      this.#progress.state = timeOutInvoke(state, index, result);
      this.#awaitLate(index, workerId, result.late);
    } else {
      this.#progress.state = endInvoke(state, index, result);
    }
    return true;
  }

  #start(index: number, record: RunningInvoke): number {
    const { context, state } = this.#progress;
    const [next, place] =
      index === NOT_STARTED
        ? startInvoke(state, record)
        : ([restartInvoke(state, index, record), index] as const);
    this.#progress.state = next;
    recordDeliveryStarted(context, this.#progress.batch, next.start, record);
    return place;
  }

  #awaitLate(index: number, workerId: string, late: Promise<InvokeResult | undefined>): void {
    const { context, batch } = this.#progress;
    const ended = late
      .then((result) => this.#enterLate(index, result))
      .catch((error: unknown) => {
        logFailure(context.logger, 'warn', error, { batchId: batch.id }, 'late_answer.commit_failed');
      })
      .finally(() => this.#overdue.delete(ended));
    this.#overdue.set(ended, workerId);
  }

  async #enterLate(index: number, result: InvokeResult | undefined): Promise<void> {
    const { state } = this.#progress;
    if (result === undefined) {
      this.#progress.state = endSilently(state, index);
    } else {
      this.#progress.state = endInvoke(state, index, result);
      await this.#commits.commitNews();
    }
  }
}
