/** The newest tasks at a glance, read from the index by time. Batches that are finished are read once. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { LiveTasks, TaskGlance } from '../../contracts/http/live.js';
import type { BatchStore, IndexEntry } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import { CLOCKS_DIFFER_MS } from '../../contracts/worker/worker-sightings.js';
import { taskAnswer } from '../../contracts/http/task-view.js';
import { shortened } from '../../contracts/common/text.js';

const HOUR_MS = 3_600_000;
const MAX_TASKS = 15;
const FIRST_READ = 3;
const TEXT_LENGTH = 140;
/** Nobody can read so many new ones each second. */
const BUSY_SPAN_MS = 1000;

export class NewestTasks {
  readonly #clock: Clock;
  readonly #batches: BatchStore;
  #finished = new Map<BatchId, BatchDocument>();
  #latest: LiveTasks | undefined;
  #isBusy = false;

  constructor(clock: Clock, batches: BatchStore) {
    this.#clock = clock;
    this.#batches = batches;
  }

  /** Reads a busy system at every other call only. @throws StackUnavailableError */
  async read(): Promise<LiveTasks> {
    const mayRest = this.#isBusy;
    this.#isBusy = false;
    if (!mayRest || this.#latest === undefined) this.#latest = await this.#readNewest();
    return this.#latest;
  }

  async #readNewest(): Promise<LiveTasks> {
    const ids = await this.#newestIds();
    const finished = new Map<BatchId, BatchDocument>();
    const tasks: TaskGlance[] = [];
    // A batch often holds more than are shown: read few first, and the others only where those were small.
    for (let from = 0, count = FIRST_READ; from < ids.length && tasks.length < MAX_TASKS;) {
      for (const batch of await this.#read(ids.slice(from, from + count))) {
        if (isTerminal(batch)) finished.set(batch.id, batch);
        tasks.push(...batch.tasks.flatMap((_, taskIndex) => glance(batch, taskIndex) ?? []));
      }
      from += count;
      count = MAX_TASKS;
    }
    this.#finished = finished;
    const shown = tasks.slice(0, MAX_TASKS);
    this.#isBusy = shown.length === MAX_TASKS && spanMs(shown) < BUSY_SPAN_MS;
    return { tasks: shown };
  }

  async #newestIds(): Promise<readonly BatchId[]> {
    const nowMs = this.#clock.now();
    const ofHour = async (hour: number, beforeMs: number) =>
      (await this.#batches.listByTime(hour, beforeMs, MAX_TASKS)).entries;
    const isOfNow = ({ atMs }: IndexEntry) => atMs < nowMs + CLOCKS_DIFFER_MS;
    const hour = Math.floor(nowMs / HOUR_MS);
    const entries = await ofHour(hour, nowMs + HOUR_MS);
    const ofFuture = entries.filter((entry) => !isOfNow(entry));
    // Made before a step back of the clock, or by one that is far ahead: they must not stand in the way of the others.
    const isInTheWay = ofFuture.length > 0 && entries.length === MAX_TASKS;
    const ofNow = isInTheWay ? await ofHour(hour, nowMs + CLOCKS_DIFFER_MS) : entries.filter(isOfNow);
    const earlier = ofNow.length < MAX_TASKS ? await ofHour(hour - 1, nowMs) : [];
    return [...ofNow, ...earlier, ...ofFuture].slice(0, MAX_TASKS).map(({ id }) => id);
  }

  async #read(ids: readonly BatchId[]): Promise<readonly BatchDocument[]> {
    const unread = ids.filter((id) => !this.#finished.has(id));
    const read = new Map((await this.#batches.readMany(unread)).map((batch) => [batch.id, batch]));
    return ids.flatMap((id) => this.#finished.get(id) ?? read.get(id) ?? []);
  }
}

function spanMs(tasks: readonly TaskGlance[]): number {
  const times = tasks.map(({ createdAt }) => Date.parse(createdAt));
  return Math.max(...times) - Math.min(...times);
}

/** Nothing of a task with a time that no date can be. */
function glance(batch: BatchDocument, taskIndex: number): TaskGlance | undefined {
  const input = batch.inputs[taskIndex];
  const text = input?.text ?? '';
  const createdAt = new Date(input?.acceptedAtMs ?? batch.createdAtMs);
  if (Number.isNaN(createdAt.getTime())) return undefined;
  return {
    ...taskAnswer(batch, taskIndex),
    text: shortened(text, TEXT_LENGTH + 1),
    createdAt: createdAt.toISOString(),
  };
}
