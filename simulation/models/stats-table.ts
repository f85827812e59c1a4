/** The table of statistics: one row per second and coordinator. */
import type { StatsRow } from '../../contracts/stats/stats.js';

export class StatsTable {
  readonly rows = new Map<string, StatsRow>();

  put(row: StatsRow): void {
    this.rows.set(`${row.second}#${row.coordinatorId}`, row);
  }

  range(fromMs: number, toMs: number): readonly StatsRow[] {
    return [...this.rows.values()].filter(({ second }) => second * 1000 >= fromMs && second * 1000 < toMs);
  }
}
