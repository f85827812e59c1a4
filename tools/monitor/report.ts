/**
 * The content of the monitor as one object for programs, with the names of `GET /workers` and `GET /stats`. A value that
 * was never read is null, because it may not be zero.
 */
import type { Latency, Rate } from './view/flow.js';
import { ageOf, healthOf } from './snapshot/health.js';
import type { Source } from './snapshot/snapshot.js';
import type { Scene } from './view/scene.js';

export function reportOf(scene: Scene) {
  const { snapshot, rows, flow, nowMs, endpoint } = scene;
  const { word, reason } = healthOf(snapshot, nowMs);
  const { depth, deadLetters, oldestQueuedMs } = snapshot.queue.value;
  const ifRead = <T>(source: Source<unknown>, value: T): T | null =>
    source.readAtMs === undefined ? null : value;
  const ofQueue = (value: number) => ifRead(snapshot.queue, value);
  const rate = ({ perSecond }: Rate) => ifRead(snapshot.stats, Math.round(perSecond * 10) / 10);
  return {
    at: new Date(nowMs).toISOString(),
    endpoint,
    state: word.toLowerCase(),
    ...(reason === undefined ? {} : { reason }),
    ageMs: {
      workers: wholeAge(ageOf(snapshot.workers, nowMs)),
      queue: wholeAge(ageOf(snapshot.queue, nowMs)),
      stats: wholeAge(ageOf(snapshot.stats, nowMs)),
      tasks: wholeAge(ageOf(snapshot.tasks, nowMs)),
    },
    workers: ifRead(snapshot.workers, rows.workers),
    queue: {
      visible: ofQueue(depth.visible),
      inFlight: ofQueue(depth.inFlight),
      delayed: ofQueue(depth.delayed),
      deadLetters: ofQueue(deadLetters),
    },
    oldestQueuedMs: ofQueue(oldestQueuedMs),
    outstandingTasks: ifRead(snapshot.stats, flow.outstanding.tasks),
    rates: {
      acceptedPerSecond: rate(flow.in),
      finalPerSecond: rate(flow.out),
      succeededPerSecond: rate(flow.succeeded),
      failedPerSecond: rate(flow.failed),
      rejectedPerSecond: rate(flow.rejected),
      retriesPerSecond: rate(flow.retries),
      faultsPerSecond: rate(flow.faults),
    },
    latency: {
      p50Ms: tenths(flow.p50),
      p90Ms: tenths(flow.p90),
      p95Ms: tenths(flow.p95),
      p99Ms: tenths(flow.p99),
    },
    tasks: ifRead(snapshot.tasks, rows.tasks),
    events: rows.events
      .flatMap(({ events }) => events)
      .toSorted((one, other) => other.atMs - one.atMs)
      .map(({ atMs, name, fields }) => ({ at: new Date(atMs).toISOString(), name, fields })),
  };
}

const tenths = ({ ms }: Latency): number | null => (ms === undefined ? null : Math.round(ms * 10) / 10);
const wholeAge = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms));
