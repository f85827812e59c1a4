/** Figures that `/stats`, the monitor and the dashboard make of rows of the `stats` table. */
import type { StatsRow } from './stats.js';

/** By the reader's clock; that of the coordinator which wrote a row may be another. */
const FRESH_SECONDS = 12;
/** How far ahead of the reader's clock rows may be that say something of now. */
export const AHEAD_SECONDS = 15;

/**
 * Without those that were written before their coordinator's clock stepped back, and that now stand among, or ahead of,
 * seconds that came a second time.
 */
export function withoutOvertaken(rows: readonly StatsRow[]): readonly StatsRow[] {
  const latest = new Map<string, number>();
  const overtaken = new Set<StatsRow>();
  for (const row of rows.toSorted((one, other) => one.second - other.second)) {
    if (row.written === undefined) continue;
    const { runStartedAtMs, number } = row.written;
    const run = `${row.coordinatorId} ${runStartedAtMs}`;
    const before = latest.get(run) ?? -1;
    if (number < before) overtaken.add(row);
    else latest.set(run, number);
  }
  return overtaken.size === 0 ? rows : rows.filter((row) => !overtaken.has(row));
}

/** Takes the last `seconds` of each coordinator, and the one that has begun; of one whose clock is ahead those before its last. */
export function lastSeconds(rows: readonly StatsRow[], nowMs: number, seconds: number): readonly StatsRow[] {
  const nowSecond = Math.floor(nowMs / 1000);
  const ends = new Map<string, number>();
  for (const { coordinatorId, second } of rows)
    ends.set(coordinatorId, Math.max(second, ends.get(coordinatorId) ?? nowSecond));
  return rows.filter(({ coordinatorId, second }) => second >= (ends.get(coordinatorId) ?? 0) - seconds);
}

export function outstandingTasks(rows: readonly StatsRow[], nowMs: number): number {
  return freshest(rows, nowMs).reduce((sum, row) => sum + row.outstandingTasks, 0);
}

export function outstandingBytes(rows: readonly StatsRow[], nowMs: number): number {
  return freshest(rows, nowMs).reduce((sum, row) => sum + (row.outstandingBytes ?? 0), 0);
}

/** Sums what each coordinator last said, as long as that is fresh: a row is written every second while there is work. */
function freshest(rows: readonly StatsRow[], nowMs: number): readonly StatsRow[] {
  const latest = new Map<string, StatsRow>();
  for (const row of rows) {
    const known = latest.get(row.coordinatorId);
    if (known === undefined || known.second < row.second) latest.set(row.coordinatorId, row);
  }
  return [...latest.values()].filter((row) => row.second >= nowMs / 1000 - FRESH_SECONDS);
}

export function countOf(rows: readonly StatsRow[], name: string): number {
  return rows.reduce((sum, row) => sum + (row.counts[name] ?? 0), 0);
}

export function sumCounts(rows: readonly StatsRow[]): Record<string, number> {
  const names = new Set(rows.flatMap((row) => Object.keys(row.counts)));
  return Object.fromEntries([...names].sort().map((name) => [name, countOf(rows, name)]));
}
