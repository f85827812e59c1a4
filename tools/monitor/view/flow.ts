/** Rates and latencies, second by second and for now, out of the rows of the `stats` table. */
import { mergeHistograms, percentile } from '../../../contracts/stats/histogram.js';
import { countOf, lastSeconds, outstandingTasks } from '../../../contracts/stats/stats-summary.js';
import type { StatsRow } from '../../../contracts/stats/stats.js';
import type { Series } from './spark.js';

/** As `GET /stats` has them: rates over ten seconds, percentiles over a minute. */
const RATE_SECONDS = 10;
const LATENCY_SECONDS = 60;

export interface Rate {
  readonly perSecond: number;
  /** Oldest first; the last one is the second that ended last. */
  readonly series: Series;
}

export interface Latency {
  readonly ms: number | undefined;
  readonly series: Series;
}

export interface Flow {
  readonly in: Rate;
  /** All that became final, however. */
  readonly out: Rate;
  readonly succeeded: Rate;
  readonly failed: Rate;
  readonly rejected: Rate;
  readonly retries: Rate;
  readonly faults: Rate;
  readonly outstanding: { readonly tasks: number; readonly series: Series };
  readonly p50: Latency;
  readonly p90: Latency;
  readonly p95: Latency;
  readonly p99: Latency;
}

const FINAL = ['succeeded', 'failed', 'expired', 'cancelled'];

/** @param seconds how far back the series go */
export function flowOf(rows: readonly StatsRow[], nowMs: number, seconds: number): Flow {
  const bySecond = rowsBySecond(rows);
  // A coordinator writes a second's row when the second is over: the newest that can be complete is the one before.
  const last = Math.floor(nowMs / 1000) - 1;
  const timeline = Array.from(
    { length: seconds },
    (_, index) => bySecond.get(last - seconds + 1 + index) ?? [],
  );
  const recent = lastSeconds(rows, nowMs, RATE_SECONDS);
  const rate = (...names: readonly string[]): Rate => {
    const sum = (of: readonly StatsRow[]) => names.reduce((all, name) => all + countOf(of, name), 0);
    return { perSecond: sum(recent) / RATE_SECONDS, series: timeline.map(sum) };
  };
  const perSecond = timeline.map((of) => mergeHistograms(of.map((row) => row.latency)));
  const minute = mergeHistograms(lastSeconds(rows, nowMs, LATENCY_SECONDS).map((row) => row.latency));
  const latency = (share: number): Latency => ({
    ms: percentile(minute, share),
    series: perSecond.map((histogram) => percentile(histogram, share)),
  });
  const faultNames = new Set(rows.flatMap((row) => Object.keys(row.counts).filter(isFault)));
  return {
    in: rate('accepted'),
    out: rate(...FINAL),
    succeeded: rate('succeeded'),
    failed: rate('failed', 'expired'),
    rejected: rate('rejected'),
    retries: rate('retries'),
    faults: rate(...faultNames),
    outstanding: {
      tasks: outstandingTasks(rows, nowMs),
      series: timeline.map((of) => of.reduce((sum, row) => sum + row.outstandingTasks, 0)),
    },
    p50: latency(0.5),
    p90: latency(0.9),
    p95: latency(0.95),
    p99: latency(0.99),
  };
}

function rowsBySecond(rows: readonly StatsRow[]): ReadonlyMap<number, readonly StatsRow[]> {
  const bySecond = new Map<number, StatsRow[]>();
  for (const row of rows) {
    const there = bySecond.get(row.second);
    if (there === undefined) bySecond.set(row.second, [row]);
    else there.push(row);
  }
  return bySecond;
}

const isFault = (name: string): boolean => name.startsWith('faults.');
