/** The latest minutes of the `stats` table, of which each refresh reads only what is new. */
import type { StatsStore } from '../../../contracts/stack/stores.js';
import { AHEAD_SECONDS, withoutOvertaken } from '../../../contracts/stats/stats-summary.js';
import type { StatsRow } from '../../../contracts/stats/stats.js';

export const KEPT_SECONDS = 300;
/** A coordinator writes a second's row when that second is over, and its clock may be another. */
const OVERLAP_MS = AHEAD_SECONDS * 1000;

export class StatsRows {
  readonly #stats: Pick<StatsStore, 'range'>;
  #rows = new Map<string, StatsRow>();
  #readUntilMs: number | undefined;
  #hasNew = false;

  constructor(stats: Pick<StatsStore, 'range'>) {
    this.#stats = stats;
  }

  /** Whether the latest refresh brought any that were not known. */
  get hasNew(): boolean {
    return this.#hasNew;
  }

  /** When the latest one came, if it came just now. */
  lastAtMs(nowMs: number): number | undefined {
    const last = [...this.#rows.values()].at(-1);
    return last === undefined ? undefined : Math.min(nowMs, (last.second + 1) * 1000);
  }

  /** Oldest first. @throws StackUnavailableError */
  async refresh(nowMs: number): Promise<readonly StatsRow[]> {
    const oldestMs = nowMs - KEPT_SECONDS * 1000;
    const readUntilMs = Math.min(nowMs, this.#readUntilMs ?? oldestMs);
    const fromMs = Math.max(oldestMs, readUntilMs - OVERLAP_MS);
    this.#hasNew = false;
    for (const row of await this.#stats.range(fromMs, nowMs + OVERLAP_MS)) {
      const key = `${row.second}#${row.coordinatorId}`;
      const known = this.#rows.get(key);
      if (known === undefined || known.written?.number !== row.written?.number) this.#hasNew = true;
      this.#rows.set(key, row);
    }
    this.#readUntilMs = nowMs;
    const rows = new Set(withoutOvertaken([...this.#rows.values()]));
    const isKept = ({ second }: StatsRow) => second * 1000 >= oldestMs && second * 1000 < nowMs + OVERLAP_MS;
    const kept = [...this.#rows].filter(([, row]) => rows.has(row) && isKept(row));
    kept.sort(([, one], [, other]) => one.second - other.second);
    this.#rows = new Map(kept);
    return kept.map(([, row]) => row);
  }
}
