/** Bugs that sit between a coordinator and its tables. */
import type { BatchDocument, DeliveryRecord } from '../../contracts/batch.js';
import type { BatchStore, IdempotencyRecord, IndexPage, KeyStore } from '../../contracts/ports.js';
import type { BatchTable } from '../models/batch-table.js';
import type { KeyTable } from '../models/small-tables.js';

/** Hands everything on; a bug overrides what it gets wrong. */
class PassingStore implements BatchStore {
  protected readonly store: BatchStore;

  constructor(store: BatchStore) {
    this.store = store;
  }

  create(batch: BatchDocument): Promise<BatchDocument | 'created'> {
    return this.store.create(batch);
  }

  read(id: string): Promise<BatchDocument | undefined> {
    return this.store.read(id);
  }

  readMany(ids: readonly string[]): Promise<readonly BatchDocument[]> {
    return this.store.readMany(ids);
  }

  replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'> {
    return this.store.replace(previous, next);
  }

  recordStart(
    id: string,
    readRev: number,
    delivery: DeliveryRecord,
    dueAtMs: number,
  ): Promise<'written' | 'conflict'> {
    return this.store.recordStart(id, readRev, delivery, dueAtMs);
  }

  listByTime(hour: number, beforeMs: number, limit: number): Promise<IndexPage> {
    return this.store.listByTime(hour, beforeMs, limit);
  }

  listOpen(limit: number): Promise<IndexPage> {
    return this.store.listOpen(limit);
  }

  listAttention(beforeMs: number, limit: number): Promise<IndexPage> {
    return this.store.listAttention(beforeMs, limit);
  }
}

/** Writes whatever stands there: the condition was forgotten. */
export class UnconditionalStore extends PassingStore {
  readonly #table: BatchTable;

  constructor(store: BatchStore, table: BatchTable) {
    super(store);
    this.#table = table;
  }

  override replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'> {
    const rev = this.#table.read(previous.id)?.rev ?? previous.rev;
    return this.store.replace({ ...previous, rev }, { ...next, rev: rev + 1 });
  }
}

/** After a conflict it writes its own tasks over those that somebody else has answered meanwhile. */
export class OverwritingMerge extends PassingStore {
  override async replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'> {
    const result = await this.store.replace(previous, next);
    const there = result === 'conflict' ? await this.store.read(previous.id) : undefined;
    if (there === undefined) return result;
    const deliveries = { ...there.deliveries, ...next.deliveries };
    return this.store.replace(there, { ...next, rev: there.rev + 1, deliveries });
  }
}

/** After a conflict it believes that whoever was there first has written everything, its own answers too. */
export class DroppingMerge extends PassingStore {
  override async replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'> {
    await this.store.replace(previous, next);
    return 'written';
  }
}

/** Does not know its own writes again: one that landed and whose reply was lost reads as somebody else's. */
export class ForgetfulStore extends PassingStore {
  override async create(batch: BatchDocument): Promise<BatchDocument | 'created'> {
    const result = await this.store.create(batch);
    return result === 'created' ? result : withoutWriteIds(result);
  }

  override async read(id: string): Promise<BatchDocument | undefined> {
    const batch = await this.store.read(id);
    return batch && withoutWriteIds(batch);
  }
}

/** Puts its record in the place of one that is there. */
export class OverwritingKeys implements KeyStore {
  readonly #keys: KeyStore;
  readonly #table: KeyTable;

  constructor(keys: KeyStore, table: KeyTable) {
    this.#keys = keys;
    this.#table = table;
  }

  read(key: string): Promise<IdempotencyRecord | undefined> {
    return this.#keys.read(key);
  }

  create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'> {
    this.#table.records.delete(record.key);
    return this.#keys.create(record);
  }
}

function withoutWriteIds(batch: BatchDocument): BatchDocument {
  return { ...batch, writeIds: [] };
}
