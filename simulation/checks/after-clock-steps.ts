/**
 * When the system is idle, every clock steps once more and each coordinator counts some work. The statistics of each must
 * show this work, and each must see all workers.
 */
import { AHEAD_SECONDS } from '../../contracts/stats/stats-summary.js';
import { LiveFeed } from '../../coordinator/live/live-feed.js';
import type { WorkerState } from '../../contracts/worker/worker.js';
import { readStats } from '../../coordinator/stats/stats-view.js';
import { readWorkers } from '../../coordinator/workers/read-workers.js';
import type { RunningCoordinator } from '../actors/coordinator-machine.js';
import type { Execution } from '../engine/execution.js';
import type { SimulatedSystem } from '../system/simulated-system.js';

const MAX_STEP_MS = 2 * 3_600_000;
/** Long enough for a worker that has just died to restart, and to take over its id at another address. */
const WORK_SECONDS = 15;
/** How many of these seconds must be visible at the end. */
const MIN_SEEN_SECONDS = WORK_SECONDS - 5;
/** Time limit of one reading. */
const MAX_READING_MS = 10_000;

interface Reader {
  readonly running: RunningCoordinator;
  readonly counter: `test.${string}`;
  readonly feed: LiveFeed;
  readonly stop: () => void;
  readings: number;
  upTo: number;
}

export async function checkAfterClockSteps(execution: Execution, system: SimulatedSystem): Promise<void> {
  const { visibilityTimeoutMs } = system.scenario.options;
  const readers = system.machines.flatMap(({ listening }) =>
    listening === undefined ? [] : [startReading(listening, visibilityTimeoutMs)],
  );
  await advance(execution, 2000);
  const random = execution.random.fork('last steps');
  for (const wallClock of system.wallClocks.values()) wallClock.step(random.between(-1, 1) * MAX_STEP_MS);
  for (const reader of readers) reader.readings = 0;
  for (let second = 0; second < WORK_SECONDS; second += 1) {
    for (const { running, counter } of readers) running.coordinator.stats.count(counter);
    await advance(execution, 1000);
  }
  for (const reader of readers) await checkReader(execution, system, reader, visibilityTimeoutMs);
}

function startReading(running: RunningCoordinator, visibilityTimeoutMs: number): Reader {
  const { host, ports, coordinator } = running;
  const { clock, queue, batches, workers, statistics, logger } = ports;
  const { sightings } = coordinator.heartbeats;
  const feed = new LiveFeed(
    { clock, queue, batches, workers, sightings, stats: statistics, logger },
    visibilityTimeoutMs,
  );
  const stop = feed.listen(({ upTo }) => {
    reader.readings += 1;
    reader.upTo = upTo;
  });
  const reader: Reader = { running, counter: `test.seen by ${host.name}`, feed, stop, readings: 0, upTo: 0 };
  return reader;
}

async function checkReader(
  execution: Execution,
  system: SimulatedSystem,
  reader: Reader,
  visibilityTimeoutMs: number,
): Promise<void> {
  const { running, counter, feed, stop } = reader;
  const { host, ports, coordinator } = running;
  stop();
  const broken = (promise: string, detail: string) =>
    execution.reportViolation(promise, `${host.name}: ${detail}`);
  if (reader.readings < MIN_SEEN_SECONDS || reader.upTo < feed.lastOver() - AHEAD_SECONDS)
    broken(
      'statistics continue after a clock step',
      `${reader.readings} readings, the last up to ${reader.upTo}`,
    );
  const stats = await readInTime(execution, () =>
    readStats({ ...ports, stats: ports.statistics }, visibilityTimeoutMs),
  );
  const seen = stats?.counts[counter] ?? 0;
  if (seen < MIN_SEEN_SECONDS)
    broken('statistics continue after a clock step', `${seen} of ${WORK_SECONDS} seconds are seen`);
  if (!(await seesWorkers(execution, system, running)))
    broken('workers that send heartbeats are up', JSON.stringify(coordinator.registry.all()));
}

/** Waits for a few heartbeats: they restore a record that has expired by the clock of the stack. */
async function seesWorkers(
  execution: Execution,
  system: SimulatedSystem,
  { ports, coordinator }: RunningCoordinator,
): Promise<boolean> {
  const { sightings } = coordinator.heartbeats;
  // A worker whose last heartbeat went to another coordinator may be suspect for a moment, and one that fails is ejected for a while.
  const isThere = ({ state }: { readonly state: WorkerState }) => state !== 'down';
  for (let beats = 0; beats < 5; beats += 1) {
    const shown = await readInTime(execution, () => readWorkers({ workers: ports.workers, sightings }));
    const counts = [shown?.workers ?? [], coordinator.registry.all()].map(
      (all) => all.filter(isThere).length,
    );
    if (counts.every((count) => count === system.workers.length)) return true;
    await advance(execution, 1000);
  }
  return false;
}

function advance({ time }: Execution, ms: number): Promise<void> {
  return time.runUntil(() => false, time.nowMs + ms);
}

async function readInTime<T>({ time }: Execution, read: () => Promise<T>): Promise<T | undefined> {
  let result: T | undefined;
  let isOver = false;
  read()
    .then((value) => (result = value))
    .catch(() => undefined)
    .finally(() => (isOver = true));
  await time.runUntil(() => isOver, time.nowMs + MAX_READING_MS);
  return result;
}
