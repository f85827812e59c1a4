/**
 * The newest tasks, from the index of batches by time. A batch that is final is read once; of the rest only as many as a
 * person can look at are read again, so a busy system costs no more than an idle one.
 */
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import { isTerminal } from '../../../contracts/batch/batch-state.js';
import type { BatchId } from '../../../contracts/batch/ids.js';
import type { BatchStore, IndexEntry } from '../../../contracts/stack/batch-store.js';
import { taskView } from '../../../contracts/http/task-view.js';
import type { TaskView } from '../../../contracts/http/answers.js';

/** The number of new tasks read at each refresh: more than fit on a screen. */
const TASKS_A_REFRESH = 60;
const BATCHES_A_REFRESH = 32;
/** Kept to scroll and filter in. */
const MAX_TASKS = 1000;
/** Unfinished ones, newest first, that are read again. */
const MAX_REREAD = 8;
/** All that a refresh reads was made within so short a time. */
const BUSY_SPAN_MS = 1000;
const BUSY_LAG_MS = 700;
const HOUR_MS = 3_600_000;
const MAX_HOURS_BACK = 24;
/** Earlier hours are read once, this many at a time. */
const HOURS_AT_ONCE = 6;
/** Another clock may be ahead. */
const AHEAD_MS = 60_000;

interface Known {
  readonly batch: BatchDocument;
  readonly tasks: readonly TaskView[];
}

export class NewestTasks {
  readonly #batches: Pick<BatchStore, 'listByTime' | 'readMany'>;
  #known = new Map<BatchId, Known>();
  #tasksPerBatch = 1;
  #isBusy = false;
  /** Hours before this one hold nothing that is not known. */
  #oldestHour: number | undefined;

  constructor(batches: Pick<BatchStore, 'listByTime' | 'readMany'>) {
    this.#batches = batches;
  }

  /** More comes in than a person can follow. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** @param watched a batch that somebody looks at @throws StackUnavailableError */
  async refresh(nowMs: number, watched: BatchId | undefined): Promise<readonly TaskView[]> {
    const ids = await this.#newestIds(nowMs);
    const fresh = ids.slice(0, this.#enough).filter((id) => !this.#known.has(id));
    await this.#read([...new Set([...fresh, ...this.#unfinished(), ...this.#toWatch(watched)])], nowMs);
    this.#forget(watched);
    return [...this.#known.values()].flatMap(({ tasks }) => tasks);
  }

  /** Batches that bring what a refresh may read of new tasks. */
  get #enough(): number {
    return Math.ceil(TASKS_A_REFRESH / this.#tasksPerBatch);
  }

  tasksOf(id: BatchId | undefined): readonly TaskView[] {
    return (id === undefined ? undefined : this.#known.get(id)?.tasks) ?? [];
  }

  /**
   * The newest tasks of a busy system are all still under way: who looks at those sees no answer, no worker, and reads
   * each of them twice. There it is those of a moment ago.
   */
  async #newestIds(nowMs: number): Promise<readonly BatchId[]> {
    const beforeMs = this.#isBusy ? nowMs - BUSY_LAG_MS : nowMs + AHEAD_MS;
    const newestHour = Math.floor((nowMs + AHEAD_MS) / HOUR_MS);
    // After a step back of the clock that hour has yet to come.
    const isKnown = this.#oldestHour !== undefined && this.#oldestHour <= newestHour;
    const oldestHour = isKnown ? (this.#oldestHour ?? newestHour) : newestHour - MAX_HOURS_BACK;
    const entries: IndexEntry[] = [];
    for (let hour = newestHour, atOnce = 1; hour >= oldestHour && entries.length < BATCHES_A_REFRESH;) {
      const count = Math.min(atOnce, hour - oldestHour + 1);
      const hours = Array.from({ length: count }, (_, back) => hour - back);
      const pages = await Promise.all(
        hours.map((one) => this.#batches.listByTime(one, beforeMs, BATCHES_A_REFRESH)),
      );
      entries.push(...pages.flatMap((page) => page.entries));
      hour -= atOnce;
      atOnce = HOURS_AT_ONCE;
    }
    this.#oldestHour = Math.floor((nowMs - AHEAD_MS) / HOUR_MS);
    const screenful = Math.min(this.#enough, BATCHES_A_REFRESH);
    const spanMs = (entries[0]?.atMs ?? 0) - (entries[screenful - 1]?.atMs ?? -Infinity);
    this.#isBusy = spanMs < BUSY_SPAN_MS;
    return entries.map(({ id }) => id);
  }

  #unfinished(): readonly BatchId[] {
    const open = [...this.#known.values()].filter(({ batch }) => !isTerminal(batch));
    return open.slice(0, MAX_REREAD).map(({ batch }) => batch.id);
  }

  #toWatch(watched: BatchId | undefined): readonly BatchId[] {
    const known = watched === undefined ? undefined : this.#known.get(watched);
    const isDone = known !== undefined && isTerminal(known.batch);
    return watched === undefined || isDone ? [] : [watched];
  }

  async #read(ids: readonly BatchId[], nowMs: number): Promise<void> {
    const found = await this.#batches.readMany(ids);
    for (const batch of found) {
      const tasks = batch.tasks.map((_, slot) => taskView(batch, slot));
      this.#known.set(batch.id, { batch, tasks });
    }
    const known = [...this.#known];
    // Those of the future were made before a step back of the clock: they must not stand in the way of what is new.
    const madeAtMs = ({ batch }: Known) =>
      batch.createdAtMs > nowMs + AHEAD_MS ? -Infinity : batch.createdAtMs;
    known.sort(([, one], [, other]) => madeAtMs(other) - madeAtMs(one) || 0);
    this.#known = new Map(known);
    const tasks = found.reduce((sum, { tasks: slots }) => sum + slots.length, 0);
    if (found.length > 0) this.#tasksPerBatch = Math.max(1, tasks / found.length);
  }

  #forget(watched: BatchId | undefined): void {
    let tasks = 0;
    for (const [id, known] of this.#known) {
      tasks += known.tasks.length;
      if (tasks > MAX_TASKS && id !== watched) this.#known.delete(id);
    }
  }
}
