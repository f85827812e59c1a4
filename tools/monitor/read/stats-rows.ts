/** The latest minutes of the `stats` table, of which each refresh reads only what is new. */
import type { StatsStore } from '../../../contracts/ports.js';
import type { StatsRow } from '../../../contracts/stats.js';

export const KEPT_SECONDS = 300;
/** A coordinator writes a second's row when that second is over, and its clock may be another. */
const OVERLAP_MS = 5000;

export class StatsRows {
  readonly #stats: Pick<StatsStore, 'range'>;
  #rows = new Map<string, StatsRow>();
  #readUntilMs: number | undefined;

  constructor(stats: Pick<StatsStore, 'range'>) {
    this.#stats = stats;
  }

  /** Oldest first. @throws StackUnavailableError */
  async refresh(nowMs: number): Promise<readonly StatsRow[]> {
    const oldestMs = nowMs - KEPT_SECONDS * 1000;
    const fromMs = Math.max(oldestMs, (this.#readUntilMs ?? oldestMs) - OVERLAP_MS);
    for (const row of await this.#stats.range(fromMs, nowMs + OVERLAP_MS)) {
      this.#rows.set(`${row.second}#${row.coordinatorId}`, row);
    }
    this.#readUntilMs = nowMs;
    const kept = [...this.#rows].filter(([, { second }]) => second * 1000 >= oldestMs);
    kept.sort(([, one], [, other]) => one.second - other.second);
    this.#rows = new Map(kept);
    return kept.map(([, row]) => row);
  }
}
