/** `GET /stats`: queue attributes and the last minute of the `stats` table, no coordinator's memory. */
import { mergeHistograms, percentile } from '../../contracts/stats/histogram.js';
import type { LiveQueue } from '../../contracts/http/live.js';
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { StatsStore } from '../../contracts/stack/stores.js';
import {
  AHEAD_SECONDS,
  countOf,
  lastSeconds,
  outstandingBytes,
  outstandingTasks,
  sumCounts,
  withoutOvertaken,
} from '../../contracts/stats/stats-summary.js';

const RATE_SECONDS = 10;
const WINDOW_SECONDS = 60;

export interface StatsViewPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly batches: BatchStore;
  readonly stats: StatsStore;
}

/** @throws StackUnavailableError */
export async function readStats(ports: StatsViewPorts, visibilityTimeoutMs: number) {
  const nowMs = ports.clock.now();
  const [{ oldestQueuedMs, ...queue }, read] = await Promise.all([
    readQueue(ports, visibilityTimeoutMs),
    ports.stats.range(nowMs - WINDOW_SECONDS * 1000, nowMs + AHEAD_SECONDS * 1000),
  ]);
  const rows = lastSeconds(withoutOvertaken(read), nowMs, WINDOW_SECONDS);
  const recent = lastSeconds(rows, nowMs, RATE_SECONDS);
  const latency = mergeHistograms(rows.map((row) => row.latency));
  const rate = (name: string) => rounded(countOf(recent, name) / RATE_SECONDS);
  return {
    queue,
    deadLettered: countOf(rows, 'deadLetters'),
    oldestQueuedMs,
    outstandingTasks: outstandingTasks(rows, nowMs),
    outstandingBytes: outstandingBytes(rows, nowMs),
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

export type QueuePorts = Pick<StatsViewPorts, 'clock' | 'queue' | 'batches'>;

/** @throws StackUnavailableError */
export async function readQueue(ports: QueuePorts, visibilityTimeoutMs: number): Promise<LiveQueue> {
  const [depth, deadLetters, oldestQueuedMs] = await Promise.all([
    ports.queue.depth(),
    readDeadLetters(ports),
    readOldestQueuedMs(ports, visibilityTimeoutMs),
  ]);
  return { ...depth, deadLetters, oldestQueuedMs };
}

export async function readDeadLetters({ queue }: Pick<QueuePorts, 'queue'>): Promise<number> {
  const { visible, inFlight } = await queue.deadLetters.depth();
  return visible + inFlight;
}

export async function readOldestQueuedMs(
  { clock, batches }: Pick<QueuePorts, 'clock' | 'batches'>,
  visibilityTimeoutMs: number,
): Promise<number> {
  const [oldest] = (await batches.listOpen(1, () => undefined)).entries;
  const untouchedMs = oldest === undefined ? 0 : clock.now() - (oldest.atMs - 2 * visibilityTimeoutMs);
  return Math.max(0, Math.round(untouchedMs));
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
