/**
 * How long entries of the index of unfinished batches have been seen unchanged, by one's own monotonic clock. The times
 * in them are those of whoever touched the batch last, and no evidence: another's clock may differ, one's own may have
 * stepped since.
 */
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { IndexEntry } from '../../contracts/stack/batch-store.js';

/** Ignores what could not be read for a while. */
const MAX_ENTRIES = 10_000;

interface Seen {
  readonly atMs: number;
  /** Monotonic. */
  readonly since: number;
}

export class UntouchedEntries {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #seen: ReadonlyMap<BatchId, Seen> = new Map();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Takes in what the index lists now. An entry that it does not list is forgotten, unless a part of it could not be read. */
  observe(entries: readonly IndexEntry[], isWhole: boolean): void {
    const nowMs = this.#clock.monotonic();
    const sightingOf = ({ id, atMs }: IndexEntry): Seen => {
      const known = this.#seen.get(id);
      return known?.atMs === atMs ? known : { atMs, since: nowMs };
    };
    const unlisted = isWhole || this.#seen.size > MAX_ENTRIES ? [] : this.#seen;
    this.#seen = new Map([...unlisted, ...entries.map((entry) => [entry.id, sightingOf(entry)] as const)]);
  }

  /** Monotonic: since when it has been seen as it is. */
  since(id: BatchId): number {
    return this.#seen.get(id)?.since ?? Infinity;
  }

  isUntouchedFor(id: BatchId, ms: number): boolean {
    return this.#clock.monotonic() - this.since(id) >= ms;
  }
}
