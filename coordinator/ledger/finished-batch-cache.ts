/**
 * Batches of which a final state was written here, or that were found at the start, kept for a while after nobody needs
 * them any more: should the table be emptied, they can be put back. The oldest go first, after a quarter of an hour or
 * when they grow too large.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';

export interface CacheLimits {
  readonly keepMs: number;
  /** The memory that they take, estimated. */
  readonly maxBytes: number;
}

export const KEEP_FINISHED_MS = 15 * 60_000;
const LIMITS: CacheLimits = { keepMs: KEEP_FINISHED_MS, maxBytes: 64 * 1024 * 1024 };
const BYTES_OF_A_BATCH = 1000;
const BYTES_OF_A_TASK = 400;
const BYTES_OF_A_DELIVERY = 800;

interface CacheEntry {
  readonly batch: BatchDocument;
  readonly sinceMonotonic: number;
  readonly bytes: number;
}

export class FinishedBatchCache {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #limits: CacheLimits;
  /** In the order in which they were kept. */
  readonly #kept = new Map<BatchId, CacheEntry>();
  #bytes = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, limits: CacheLimits = LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get(id: BatchId): BatchDocument | undefined {
    return this.#kept.get(id)?.batch;
  }

  /** A later document of a batch takes the place of an earlier one. */
  put(batch: BatchDocument): void {
    const before = this.#kept.get(batch.id);
    if (before !== undefined && before.batch.rev > batch.rev) return;
    this.forget(batch.id);
    const bytes = estimatedBytes(batch);
    this.#kept.set(batch.id, { batch, bytes, sinceMonotonic: this.#clock.monotonic() });
    this.#bytes += bytes;
    this.#dropOldest();
  }

  forget(id: BatchId): void {
    this.#bytes -= this.#kept.get(id)?.bytes ?? 0;
    this.#kept.delete(id);
  }

  *batches(): Iterable<BatchDocument> {
    this.#dropOldest();
    for (const { batch } of this.#kept.values()) yield batch;
  }

  #dropOldest(): void {
    const before = this.#clock.monotonic() - this.#limits.keepMs;
    for (const [id, { sinceMonotonic }] of this.#kept) {
      if (sinceMonotonic > before && this.#bytes <= this.#limits.maxBytes) return;
      this.forget(id);
    }
  }
}

function estimatedBytes({ inputs, deliveries }: BatchDocument): number {
  const texts = inputs.reduce((sum, { text }) => sum + 2 * text.length, 0);
  const history = Object.keys(deliveries).length * BYTES_OF_A_DELIVERY;
  return BYTES_OF_A_BATCH + texts + inputs.length * BYTES_OF_A_TASK + history;
}
