/** The last ten minutes by second, of all coordinators, as far as they were read. */
import { MAX_REPLAY_SECONDS, type LiveQueue, type LiveSecond } from '../../contracts/http/live.js';
import type { StatsRow } from '../../contracts/stats/stats.js';
import { mergeHistograms, percentile, type Histogram } from '../../contracts/stats/histogram.js';

interface Entry {
  /** By coordinator: a row never changes, unless its second came a second time. */
  readonly rows: Map<string, StatsRow>;
  queue: LiveQueue | null;
  json: string | undefined;
}

/** A client that gets everything must get it whole: a little more than can be replayed. */
const KEPT_SECONDS = MAX_REPLAY_SECONDS + 60;

export class RecentSeconds {
  readonly #entries = new Map<number, Entry>();

  add(rows: readonly StatsRow[]): void {
    for (const row of rows) {
      const entry = this.#entry(row.second);
      if (!isNews(row, entry.rows.get(row.coordinatorId))) continue;
      entry.rows.set(row.coordinatorId, row);
      entry.json = undefined;
    }
  }

  addQueue(second: number, queue: LiveQueue): void {
    const entry = this.#entry(second);
    entry.queue = queue;
    entry.json = undefined;
  }

  rowsIn(second: number): number {
    return this.#entries.get(second)?.rows.size ?? 0;
  }

  /** A `LiveSecond` as JSON, made once however many read it. */
  json(second: number): string {
    const entry = this.#entries.get(second);
    if (entry === undefined) return JSON.stringify(liveSecond(second, [], null));
    entry.json ??= JSON.stringify(liveSecond(second, [...entry.rows.values()], entry.queue));
    return entry.json;
  }

  forgetBefore(nowSecond: number): void {
    for (const second of this.#entries.keys()) {
      if (second < nowSecond - KEPT_SECONDS) this.#entries.delete(second);
    }
  }

  /** The clock stepped back: they have yet to come. */
  forgetAfter(second: number): void {
    for (const known of this.#entries.keys()) if (known > second) this.#entries.delete(known);
  }

  clear(): void {
    this.#entries.clear();
  }

  #entry(second: number): Entry {
    let entry = this.#entries.get(second);
    if (entry === undefined) {
      entry = { rows: new Map(), queue: null, json: undefined };
      this.#entries.set(second, entry);
    }
    return entry;
  }
}

function isNews(row: StatsRow, known: StatsRow | undefined): boolean {
  if (known === undefined) return true;
  return (
    row.written !== undefined &&
    row.written.runStartedAtMs === known.written?.runStartedAtMs &&
    row.written.number > known.written.number
  );
}

function liveSecond(second: number, rows: readonly StatsRow[], queue: LiveQueue | null): LiveSecond {
  const counts: Record<string, number> = {};
  for (const row of rows) {
    for (const [name, count] of Object.entries(row.counts)) counts[name] = (counts[name] ?? 0) + count;
  }
  return {
    second,
    coordinators: rows.map(({ coordinatorId }) => coordinatorId).toSorted(),
    counts,
    latency: latencyOf(mergeHistograms(rows.map(({ latency }) => latency))),
    outstandingTasks: rows.reduce((sum, row) => sum + row.outstandingTasks, 0),
    queue,
    events: rows.flatMap(({ events }) => events).toSorted((a, b) => a.atMs - b.atMs),
  };
}

function latencyOf(histogram: Histogram): LiveSecond['latency'] {
  const tenths = (share: number): number | null => {
    const ms = percentile(histogram, share);
    return ms === undefined ? null : Math.round(ms * 10) / 10;
  };
  return { p50Ms: tenths(0.5), p90Ms: tenths(0.9), p95Ms: tenths(0.95), p99Ms: tenths(0.99) };
}
