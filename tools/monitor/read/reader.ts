/** Reads the stack, a second at a time. Nothing scans, and nothing asks the coordinator: it may be down. */
import { parseTaskId, type BatchId, type TaskId } from '../../../contracts/batch/ids.js';
import type { WorkerRecord } from '../../../contracts/worker/worker.js';
import { WorkerSightings } from '../../../contracts/worker/worker-sightings.js';
import {
  EMPTY_SNAPSHOT,
  type QueueReading,
  type ServedSample,
  type Snapshot,
  type Source,
} from '../snapshot/snapshot.js';
import { healthOf, type Health } from '../snapshot/health.js';
import { NewestTasks } from './newest-tasks.js';
import { noticeHealth, noticeWorkers, servedBetween } from './notice.js';
import type { MonitorPorts } from './ports.js';
import { readSource } from './source.js';
import { KEPT_SECONDS, StatsRows } from './stats-rows.js';

const MAX_NOTICED = 200;
/** Refreshes after which what changes slowly is read again. */
const TURNS = 3;

export class Reader {
  readonly #ports: MonitorPorts;
  readonly #rows: StatsRows;
  readonly #tasks: NewestTasks;
  readonly #sightings: WorkerSightings;
  #snapshot: Snapshot = EMPTY_SNAPSHOT;
  #health: Health = { word: 'connecting' };
  #refreshes = 0;
  /** How far the wall clock is ahead of the monotonic one. */
  #leadMs: number;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
    this.#rows = new StatsRows(ports.stats);
    this.#tasks = new NewestTasks(ports.batches);
    this.#sightings = new WorkerSightings(ports);
    this.#leadMs = ports.now() - ports.monotonic();
  }

  /** Never throws: what could not be read stands in the snapshot. */
  async refresh(watchedTask?: TaskId): Promise<Snapshot> {
    const { now } = this.#ports;
    const before = shiftReadTimes(this.#snapshot, this.#stepMs());
    const watched = watchedTask === undefined ? undefined : parseTaskId(watchedTask)?.batchId;
    const [workers, queue, stats, tasks] = await Promise.all([
      readSource(before.workers, now, async () => this.#sightings.observe(await this.#ports.workers.list())),
      readSource(before.queue, now, () => this.#readQueue(before.queue.value)),
      readSource(before.stats, now, () => this.#rows.refresh(now())),
      this.#maySkipTasks(watched)
        ? before.tasks
        : readSource(before.tasks, now, () => this.#tasks.refresh(now(), watched)),
    ]);
    this.#refreshes += 1;
    const second = Math.floor(now() / 1000);
    const sampled = queue.problem === undefined ? [{ ...queue.value, second }] : [];
    const hasNewRow = stats.problem === undefined && this.#rows.hasNew;
    const lastRowAtMs = hasNewRow ? this.#rows.lastAtMs(now()) : before.lastRowAtMs;
    const next: Snapshot = {
      workers,
      queue,
      stats,
      ...(lastRowAtMs === undefined ? {} : { lastRowAtMs }),
      tasks,
      watched: this.#tasks.tasksOf(watched),
      samples: [...before.samples, ...sampled].slice(-KEPT_SECONDS),
      served: servedSamples(before, workers.value, second),
      noticed: before.noticed,
    };
    const health = healthOf(next, now());
    const noticed = [
      ...noticeWorkers(before.workers.value, workers.value, now()),
      ...noticeHealth(this.#health, health, now()),
    ];
    this.#health = health;
    this.#snapshot = { ...next, noticed: [...before.noticed, ...noticed].slice(-MAX_NOTICED) };
    return this.#snapshot;
  }

  /** How far the wall clock has stepped since this was last asked. */
  #stepMs(): number {
    const before = this.#leadMs;
    this.#leadMs = this.#ports.now() - this.#ports.monotonic();
    return this.#leadMs - before;
  }

  /** The tasks are half of all calls, and nobody can read a screen full of new ones each second. */
  #maySkipTasks(watched: BatchId | undefined): boolean {
    return this.#tasks.isBusy && watched === undefined && this.#refreshes % 2 === 1;
  }

  /** Values that change slowly are read in turns: the oldest of four shards takes four calls. */
  async #readQueue(before: QueueReading): Promise<QueueReading> {
    const turn = this.#refreshes % TURNS;
    const isFirst = this.#refreshes === 0;
    const [{ depth, visibilityTimeoutMs }, dead, open] = await Promise.all([
      this.#ports.queue.batches(),
      isFirst || turn === 1 ? this.#ports.queue.deadLetters() : undefined,
      isFirst || turn === 2 ? this.#ports.batches.listOpen(1) : undefined,
    ]);
    const dueAtMs = open?.entries[0]?.atMs;
    const untouchedMs = dueAtMs === undefined ? 0 : this.#ports.now() - (dueAtMs - 2 * visibilityTimeoutMs);
    return {
      depth,
      deadLetters: dead === undefined ? before.deadLetters : dead.visible + dead.inFlight,
      oldestQueuedMs: open === undefined ? before.oldestQueuedMs : Math.max(0, Math.round(untouchedMs)),
    };
  }
}

/** Moves the times of earlier reads with a step of the clock, so that their ages stay. */
function shiftReadTimes(snapshot: Snapshot, stepMs: number): Snapshot {
  const source = <T>({ readAtMs, ...rest }: Source<T>): Source<T> =>
    readAtMs === undefined ? rest : { ...rest, readAtMs: readAtMs + stepMs };
  const { workers, queue, stats, tasks, lastRowAtMs } = snapshot;
  return {
    ...snapshot,
    workers: source(workers),
    queue: source(queue),
    stats: source(stats),
    tasks: source(tasks),
    ...(lastRowAtMs === undefined ? {} : { lastRowAtMs: lastRowAtMs + stepMs }),
  };
}

function servedSamples(
  before: Snapshot,
  workers: readonly WorkerRecord[],
  second: number,
): ReadonlyMap<string, readonly ServedSample[]> {
  const known = new Map(before.workers.value.map((worker) => [worker.id, worker]));
  return new Map(
    workers.map((worker) => {
      const tasks = servedBetween(known.get(worker.id), worker);
      const samples = before.served.get(worker.id) ?? [];
      return [worker.id, [...samples, { second, tasks }].slice(-KEPT_SECONDS)];
    }),
  );
}
