/** `GET /stats`: queue attributes and the last minute of the `stats` table, no coordinator's memory. */
import type { LiveQueue } from '../../contracts/live.js';
import type { BatchQueue, BatchStore, Clock, StatsStore } from '../../contracts/ports.js';
import type { StatsRow } from '../../contracts/stats.js';
import { mergeHistograms, percentile } from './histogram.js';

const RATE_SECONDS = 10;
const WINDOW_SECONDS = 60;
const FRESH_SECONDS = 5;

export interface StatsViewPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly batches: BatchStore;
  readonly stats: StatsStore;
}

/** @throws StackUnavailableError */
export async function readStats(ports: StatsViewPorts, visibilityTimeoutMs: number) {
  const nowMs = ports.clock.now();
  const [{ oldestQueuedMs, ...queue }, rows] = await Promise.all([
    readQueue(ports, visibilityTimeoutMs),
    ports.stats.range(nowMs - WINDOW_SECONDS * 1000, nowMs + 1000),
  ]);
  const recent = rows.filter((row) => row.second >= Math.floor(nowMs / 1000) - RATE_SECONDS);
  const latency = mergeHistograms(rows.map((row) => row.latency));
  const rate = (name: string) => rounded(countOf(recent, name) / RATE_SECONDS);
  return {
    queue,
    deadLettered: countOf(rows, 'deadLetters'),
    oldestQueuedMs,
    outstandingTasks: outstanding(rows, nowMs),
    rates: {
      acceptedPerSecond: rate('accepted'),
      succeededPerSecond: rate('succeeded'),
      failedPerSecond: rate('failed'),
    },
    latency: {
      p50Ms: rounded(percentile(latency, 0.5)),
      p90Ms: rounded(percentile(latency, 0.9)),
      p95Ms: rounded(percentile(latency, 0.95)),
      p99Ms: rounded(percentile(latency, 0.99)),
    },
    retries: countOf(rows, 'retries'),
    counts: sumCounts(rows),
    windowSeconds: WINDOW_SECONDS,
  };
}

/** @throws StackUnavailableError */
export async function readQueue(
  ports: Pick<StatsViewPorts, 'clock' | 'queue' | 'batches'>,
  visibilityTimeoutMs: number,
): Promise<LiveQueue> {
  const [depth, dead, open] = await Promise.all([
    ports.queue.depth(),
    ports.queue.deadLetters.depth(),
    ports.batches.listOpen(1),
  ]);
  const [oldest] = open.entries;
  const untouchedMs = oldest === undefined ? 0 : ports.clock.now() - (oldest.atMs - 2 * visibilityTimeoutMs);
  return {
    ...depth,
    deadLetters: dead.visible + dead.inFlight,
    oldestQueuedMs: Math.max(0, Math.round(untouchedMs)),
  };
}

/** What each coordinator last said, as long as that is fresh: a row is written every second while there is work. */
function outstanding(rows: readonly StatsRow[], nowMs: number): number {
  const latest = new Map<string, StatsRow>();
  for (const row of rows) {
    const known = latest.get(row.coordinatorId);
    if (known === undefined || known.second < row.second) latest.set(row.coordinatorId, row);
  }
  return [...latest.values()]
    .filter((row) => row.second >= nowMs / 1000 - FRESH_SECONDS)
    .reduce((sum, row) => sum + row.outstandingTasks, 0);
}

function countOf(rows: readonly StatsRow[], name: string): number {
  return rows.reduce((sum, row) => sum + (row.counts[name] ?? 0), 0);
}

function sumCounts(rows: readonly StatsRow[]): Record<string, number> {
  const names = new Set(rows.flatMap((row) => Object.keys(row.counts)));
  return Object.fromEntries([...names].sort().map((name) => [name, countOf(rows, name)]));
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
