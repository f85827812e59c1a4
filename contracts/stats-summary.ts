/** Figures that `/stats`, the monitor and the dashboard make of rows of the `stats` table. */
import type { StatsRow } from './stats.js';

const FRESH_SECONDS = 5;

export function outstandingTasks(rows: readonly StatsRow[], nowMs: number): number {
  return freshest(rows, nowMs).reduce((sum, row) => sum + row.outstandingTasks, 0);
}

export function outstandingBytes(rows: readonly StatsRow[], nowMs: number): number {
  return freshest(rows, nowMs).reduce((sum, row) => sum + (row.outstandingBytes ?? 0), 0);
}

/** What each coordinator last said, as long as that is fresh: a row is written every second while there is work. */
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
