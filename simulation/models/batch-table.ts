/** The table of batches: conditional writes and consistent reads, as the DynamoDB adapter makes them. */
import { deliveryKey, type BatchDocument, type DeliveryRecord } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { IndexEntry, IndexPage } from '../../contracts/stack/batch-store.js';

const HOUR_MS = 3_600_000;

/** Called with every stored document and the one that it replaces. */
export type WriteListener = (
  written: BatchDocument,
  before: BatchDocument | undefined,
  how: 'created' | 'replaced' | 'started',
) => void;

export class BatchTable {
  readonly items = new Map<BatchId, BatchDocument>();
  readonly #open = new Set<BatchId>();
  readonly #onWrite: WriteListener;

  constructor(onWrite: WriteListener = () => undefined) {
    this.#onWrite = onWrite;
  }

  create(batch: BatchDocument): BatchDocument | 'created' {
    const stored = this.items.get(batch.id);
    if (stored !== undefined) return stored;
    this.#put(batch, 'created');
    return 'created';
  }

  read(id: BatchId): BatchDocument | undefined {
    return this.items.get(id);
  }

  readMany(ids: readonly BatchId[]): readonly BatchDocument[] {
    return [...new Set(ids)].flatMap((id) => this.items.get(id) ?? []);
  }

  /** Writes the difference between the two documents, as an UpdateItem does. */
  replace(previous: BatchDocument, next: BatchDocument): 'written' | 'conflict' {
    const stored = this.items.get(previous.id);
    if (stored?.rev !== previous.rev) return 'conflict';
    const deliveries = { ...stored.deliveries };
    for (const [key, delivery] of Object.entries(next.deliveries)) {
      if (previous.deliveries[key] !== delivery) deliveries[key] = delivery;
    }
    for (const key of Object.keys(previous.deliveries)) {
      if (!(key in next.deliveries)) Reflect.deleteProperty(deliveries, key);
    }
    const slots = next.tasks === previous.tasks ? stored.tasks : next.tasks;
    this.#put({ ...next, inputs: stored.inputs, tasks: slots, deliveries }, 'replaced');
    return 'written';
  }

  recordStart(
    id: BatchId,
    readRev: number,
    delivery: DeliveryRecord,
    dueAtMs: number,
  ): 'written' | 'conflict' {
    const stored = this.items.get(id);
    if (stored?.rev !== readRev) return 'conflict';
    const deliveries = { ...stored.deliveries, [deliveryKey(delivery)]: delivery };
    this.#put({ ...stored, touchedAtMs: delivery.startedAtMs, dueAtMs, deliveries }, 'started');
    return 'written';
  }

  listByTime(hour: number, beforeMs: number, limit: number): IndexPage {
    const inHour = (atMs: number) => Math.floor(atMs / HOUR_MS) === hour && atMs < beforeMs;
    return this.#page(
      this.items.keys(),
      limit,
      ({ createdAtMs }) => (inHour(createdAtMs) ? createdAtMs : undefined),
      -1,
    );
  }

  listOpen(limit: number): IndexPage {
    return this.#page(this.#open, limit, ({ dueAtMs }) => dueAtMs, 1);
  }

  listAttention(beforeMs: number, limit: number): IndexPage {
    return this.#page(
      this.items.keys(),
      limit,
      ({ attentionAtMs = Infinity }) => (attentionAtMs < beforeMs ? attentionAtMs : undefined),
      -1,
    );
  }

  /** Empties the table, as after a restart without stored data. */
  empty(): void {
    this.items.clear();
    this.#open.clear();
  }

  #page(
    ids: Iterable<BatchId>,
    limit: number,
    atOf: (batch: BatchDocument) => number | undefined,
    order: 1 | -1,
  ): IndexPage {
    const entries: IndexEntry[] = [];
    for (const id of ids) {
      const batch = this.items.get(id);
      const atMs = batch && atOf(batch);
      if (atMs !== undefined) entries.push({ id, atMs });
    }
    entries.sort((a, b) => order * (a.atMs - b.atMs || (a.id < b.id ? -1 : 1)));
    return { entries: entries.slice(0, limit), more: entries.length > limit };
  }

  #put(batch: BatchDocument, how: 'created' | 'replaced' | 'started'): void {
    const before = this.items.get(batch.id);
    this.items.set(batch.id, batch);
    if (batch.dueAtMs === undefined) this.#open.delete(batch.id);
    else this.#open.add(batch.id);
    this.#onWrite(batch, before, how);
  }
}
