/** The table of batches and its indexes. */
import type { BatchDocument, RunningDelivery } from '../batch/batch.js';
import type { BatchId } from '../batch/ids.js';

/** One page of batch ids from an index; more may follow `next`. */
export interface IndexPage {
  readonly entries: readonly IndexEntry[];
  readonly more: boolean;
}

export interface IndexEntry {
  readonly id: BatchId;
  /** Where the entry stands in its index, epoch ms. */
  readonly atMs: number;
}

/** Every method throws `StackUnavailableError` where the store does not answer, `StackThrottledError` where it is too busy. */
export interface BatchStore {
  /** Stores a batch that must not exist yet; else gives what is there (read consistently). */
  create(batch: BatchDocument): Promise<BatchDocument | 'created'>;
  /** Consistent read. */
  read(id: BatchId): Promise<BatchDocument | undefined>;
  /**
   * Up to 100 at once, consistent; what does not exist is left out.
   * @param onThrottled told of those that the store is too busy to give; without it the whole read fails instead
   */
  readMany(
    ids: readonly BatchId[],
    onThrottled?: (ids: readonly BatchId[]) => void,
  ): Promise<readonly BatchDocument[]>;
  /**
   * Puts `next` in the place of `previous` if its `rev` still stands, else writes nothing. Deliveries are written
   * one by one, so that another delivery's start entry, which leaves `rev` alone, is not lost.
   */
  replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'>;
  /** Records one running delivery, on the condition `rev = :readRev`; changes neither `rev` nor the tasks. */
  recordStart(
    id: BatchId,
    readRev: number,
    delivery: RunningDelivery,
    dueAtMs: number,
  ): Promise<'written' | 'conflict'>;
  /** Batches of one hour bucket (epoch ms / 3,600,000), newest first, created before `beforeMs`. */
  listByTime(hour: number, beforeMs: number, limit: number): Promise<IndexPage>;
  /**
   * Unfinished batches, longest untouched first.
   * @param onThrottled told where a part of the index is too busy to answer; without it the whole listing fails instead
   */
  listOpen(limit: number, onThrottled?: () => void): Promise<IndexPage>;
  /** Batches that hold a failed task, newest first, failed before `beforeMs`. */
  listAttention(beforeMs: number, limit: number): Promise<IndexPage>;
}
