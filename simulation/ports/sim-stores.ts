/** The coordinator's ports of DynamoDB, over a link that may fail. */
import type { BatchDocument, DeliveryRecord } from '../../contracts/batch.js';
import { deliveryKey } from '../../contracts/batch.js';
import type {
  BatchStore,
  Clock,
  IdempotencyRecord,
  IndexPage,
  KeyStore,
  MarkerStore,
  StatsStore,
  WorkerStore,
} from '../../contracts/ports.js';
import type { StatsRow } from '../../contracts/stats.js';
import type { WorkerRecord } from '../../contracts/worker.js';
import type { BatchTable } from '../models/batch-table.js';
import type { KeyTable, MarkerTable, WorkerTable } from '../models/small-tables.js';
import type { StackLink } from './stack-link.js';

export class SimBatchStore implements BatchStore {
  readonly #link: StackLink;
  readonly #table: BatchTable;

  constructor(link: StackLink, table: BatchTable) {
    this.#link = link;
    this.#table = table;
  }

  create(batch: BatchDocument): Promise<BatchDocument | 'created'> {
    return this.#call(`create ${batch.id} of ${batch.slots.length}`, () => this.#table.create(batch));
  }

  read(id: string): Promise<BatchDocument | undefined> {
    return this.#call(`read ${id}`, () => this.#table.read(id));
  }

  readMany(ids: readonly string[]): Promise<readonly BatchDocument[]> {
    return this.#call(`readMany ${ids.length}`, () => this.#table.readMany(ids));
  }

  replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'> {
    return this.#call(`replace ${previous.id} rev ${previous.rev}`, () =>
      this.#table.replace(previous, next),
    );
  }

  recordStart(
    id: string,
    readRev: number,
    delivery: DeliveryRecord,
    dueAtMs: number,
  ): Promise<'written' | 'conflict'> {
    return this.#call(`recordStart ${id} rev ${readRev} ${deliveryKey(delivery)}`, () =>
      this.#table.recordStart(id, readRev, delivery, dueAtMs),
    );
  }

  listByTime(hour: number, beforeMs: number, limit: number): Promise<IndexPage> {
    return this.#call('listByTime', () => this.#table.listByTime(hour, beforeMs, limit));
  }

  listOpen(limit: number): Promise<IndexPage> {
    return this.#call('listOpen', () => this.#table.listOpen(limit));
  }

  listAttention(beforeMs: number, limit: number): Promise<IndexPage> {
    return this.#call('listAttention', () => this.#table.listAttention(beforeMs, limit));
  }

  #call<T>(operation: string, effect: () => T): Promise<T> {
    return this.#link.call('tables', operation, effect);
  }
}

export class SimKeyStore implements KeyStore {
  readonly #link: StackLink;
  readonly #table: KeyTable;
  readonly #clock: Clock;

  constructor(link: StackLink, table: KeyTable, clock: Clock) {
    this.#link = link;
    this.#table = table;
    this.#clock = clock;
  }

  read(key: string): Promise<IdempotencyRecord | undefined> {
    return this.#link.call('tables', `read key ${key}`, () => this.#table.read(key, this.#clock.now()));
  }

  create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'> {
    return this.#link.call('tables', `create key ${record.key}`, () =>
      this.#table.create(record, this.#clock.now()),
    );
  }
}

export class SimWorkerStore implements WorkerStore {
  readonly #link: StackLink;
  readonly #table: WorkerTable;

  constructor(link: StackLink, table: WorkerTable) {
    this.#link = link;
    this.#table = table;
  }

  put(worker: WorkerRecord): Promise<void> {
    return this.#link.call('tables', `put ${worker.id}`, () => this.#table.put(worker));
  }

  list(): Promise<readonly WorkerRecord[]> {
    return this.#link.call('tables', 'list workers', () => this.#table.list());
  }
}

export class SimMarkerStore implements MarkerStore {
  readonly #link: StackLink;
  readonly #table: MarkerTable;

  constructor(link: StackLink, table: MarkerTable) {
    this.#link = link;
    this.#table = table;
  }

  read(): Promise<string | undefined> {
    return this.#link.call('tables', 'read marker', () => this.#table.id);
  }

  create(id: string): Promise<string> {
    return this.#link.call('tables', 'create marker', () => this.#table.create(id));
  }
}

/** Views of rates are no promise: rows are taken and forgotten. */
export class SimStatsStore implements StatsStore {
  readonly #link: StackLink;

  constructor(link: StackLink) {
    this.#link = link;
  }

  put(row: StatsRow): Promise<void> {
    return this.#link.call('tables', `put second ${row.second}`, () => undefined);
  }

  range(): Promise<readonly StatsRow[]> {
    return this.#link.call('tables', 'range of seconds', () => []);
  }
}
