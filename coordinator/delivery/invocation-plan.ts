/**
 * In which order and company the open tasks of a delivery are invoked: all at once; or, where the batch keeps failing,
 * each alone, and suspects last, one at a time.
 */
import { isOpen } from '../../contracts/batch/batch-state.js';
import { isSuspect, lastFailedWorkers, needsIsolation } from '../batch/delivery-history.js';
import { repeat } from '../async/repeat.js';
import type { Reservation } from '../workers/reservation.js';
import type { DeliveryCommits } from './delivery-commits.js';
import type { DeliveryProgress } from './delivery-progress.js';
import type { Invocations } from './invocations.js';
import { workInLanes } from './lanes.js';
import { LOOK_FOR_WORKER_MS, reserveOne, waitForWorker } from './wait-for-worker.js';

/** All in all, of a delivery: giving the message back at once would use up its receives while workers come back. */
const WAIT_FOR_WORKER_MS = 10_000;
/** A poisonous text takes its worker with it, and its neighbors must be tried all the same. */
const WAIT_FOR_WORKERS_ALONE_MS = 30_000;

export class InvocationPlan {
  readonly #progress: DeliveryProgress;
  readonly #commits: DeliveryCommits;
  readonly #invocations: Invocations;
  readonly #avoid: Set<string>;

  constructor(progress: DeliveryProgress, commits: DeliveryCommits, invocations: Invocations) {
    this.#progress = progress;
    this.#commits = commits;
    this.#invocations = invocations;
    this.#avoid = new Set(lastFailedWorkers(progress.before));
  }

  /** @param reservation for the first invoke; released before this ends */
  async run(reservation: Reservation): Promise<void> {
    const { before, state } = this.#progress;
    const { taskIndexes } = state.start;
    const suspects = taskIndexes.filter((index) => isSuspect(before, index));
    const others = taskIndexes.filter((index) => !suspects.includes(index));
    if (others.length > 1 && needsIsolation(before)) await this.#invokeAlone(others, reservation);
    else if (others.length > 0) await this.#invokeTogether(others, reservation);
    else reservation.release();
    if (suspects.length > 0 && (await this.#mayTrySuspects(others))) await this.#invokeSuspects(suspects);
  }

  /**
   * When all others are answered: what failed must not wait for its next delivery until every suspect had its turn. Every
   * other delivery in any case, or a neighbor that never succeeds would keep them from being tried at all.
   */
  async #mayTrySuspects(others: readonly number[]): Promise<boolean> {
    await this.#commits.commitNews();
    return this.#progress.number % 2 === 0 || !others.some((index) => this.#isOpen(index));
  }

  async #invokeTogether(taskIndexes: readonly number[], reservation: Reservation): Promise<void> {
    const wish = {
      taskIndexes,
      reservation,
      avoid: this.#avoid,
      taken: new Set<string>(),
      keepsReservation: false,
    };
    try {
      for (let leftMs = WAIT_FOR_WORKER_MS; !(await this.#invocations.invoke(wish));) {
        if (leftMs <= 0 || !this.#progress.isRunning) return;
        leftMs -= await waitForWorker(this.#progress.context, leftMs);
      }
    } finally {
      if (!reservation.isReleased) reservation.release();
    }
  }

  /** As many at a time as slots can be had, never two at one worker; what has been answered is committed meanwhile. */
  async #invokeAlone(taskIndexes: readonly number[], first: Reservation): Promise<void> {
    const { context } = this.#progress;
    const { clock, registry } = context;
    const taken = new Set<string>();
    let leftMs = WAIT_FOR_WORKERS_ALONE_MS;
    const endDemand = context.slots.reserveDemand(Math.max(0, registry.upCount() - 1));
    try {
      await workInLanes(this.#failedLast(taskIndexes), first, {
        open: (lanes) => (lanes < registry.upCount() ? context.slots.reserve(1)[0] : undefined),
        close: (reservation) => reservation.release(),
        everySoOften: (look) =>
          repeat(clock, LOOK_FOR_WORKER_MS, () => {
            look();
            return Promise.resolve();
          }),
        work: async (index, reservation) => {
          if (!this.#isOpen(index) || !this.#progress.isRunning) return true;
          const wish = {
            taskIndexes: [index],
            reservation,
            avoid: this.#avoid,
            taken,
            keepsReservation: true,
          };
          if (!(await this.#invocations.invoke(wish))) return false;
          await this.#commits.commitNews(reservation);
          return true;
        },
        wait: async () => {
          if (leftMs <= 0) return false;
          leftMs -= await waitForWorker(context, leftMs);
          return true;
        },
      });
    } finally {
      endDemand();
    }
  }

  /** Each in its turn among all batches, so that they take one worker at a time and leave the others to the rest. */
  async #invokeSuspects(taskIndexes: readonly number[]): Promise<void> {
    const { context } = this.#progress;
    for (const index of this.#failedLast(taskIndexes)) {
      await context.suspects.take(async () => {
        if (!this.#isOpen(index) || !this.#progress.isRunning) return;
        const reservation = await reserveOne(context, WAIT_FOR_WORKERS_ALONE_MS);
        if (reservation === undefined) return;
        await this.#invokeTogether([index], reservation);
        await this.#commits.commitNews();
      }, context.stopping);
    }
  }

  #isOpen(index: number): boolean {
    return isOpen(this.#progress.batch.tasks[index]);
  }

  /** Those that failed alone go last, and those that ended a worker after them. */
  #failedLast(taskIndexes: readonly number[]): readonly number[] {
    const rank = (index: number) => {
      const state = this.#progress.batch.tasks[index];
      return isOpen(state) ? ([state.workerDeaths ?? 0, state.failedAlone] as const) : ([0, 0] as const);
    };
    return taskIndexes.toSorted((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
  }
}
