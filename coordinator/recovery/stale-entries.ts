/**
 * Entries of the index of unfinished batches that lead to nothing, to a batch that is finished, since an index may lag
 * behind its table, or to one that cannot be written. They stand at its front and would hide what is behind them, so they
 * are passed over for a while.
 */
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';

const PASSED_OVER_MS = 60_000;
const MAX_ENTRIES = 1000;

export class StaleEntries {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #ids = new Set<BatchId>();
  #since = -Infinity;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#ids.size;
  }

  has(id: BatchId): boolean {
    return this.#ids.has(id);
  }

  add(ids: readonly BatchId[]): void {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#since > PASSED_OVER_MS || this.#ids.size + ids.length > MAX_ENTRIES) {
      this.#ids.clear(); // what is stale for good is found again
      this.#since = nowMs;
    }
    for (const id of ids) this.#ids.add(id);
  }
}
