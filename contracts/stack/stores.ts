/** The small tables: idempotency keys, workers, statistics, and the marker of an emptied table. */
import type { TaskId } from '../batch/ids.js';
import type { StatsRow } from '../stats/stats.js';
import type { WorkerRecord } from '../worker/worker.js';

/** An item that goes when its table is emptied. Every method throws `StackUnavailableError` as stores do. */
export interface MarkerStore {
  read(): Promise<string | undefined>;
  /** Creates it with this id where there is none. @returns the id that stands */
  create(id: string): Promise<string>;
}

export interface IdempotencyRecord {
  readonly key: string;
  /** A hash of the texts and `deadlineMs`; another hash under the same key is a conflict. */
  readonly requestHash: string;
  readonly taskIds: readonly TaskId[];
  readonly expiresAtMs: number;
}

export interface KeyStore {
  /** Consistent; an expired record reads as none. */
  read(key: string): Promise<IdempotencyRecord | undefined>;
  /** Up to 100 at once, consistent; those that do not exist or are expired are left out. */
  readMany(keys: readonly string[]): Promise<readonly IdempotencyRecord[]>;
  /** Creates the record, or gives the unexpired one that is there. */
  create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'>;
}

export interface WorkerStore {
  put(worker: WorkerRecord): Promise<void>;
  list(): Promise<readonly WorkerRecord[]>;
}

export interface StatsStore {
  put(row: StatsRow): Promise<void>;
  /** All coordinators' rows of the seconds in [fromMs, toMs). */
  range(fromMs: number, toMs: number): Promise<readonly StatsRow[]>;
}
