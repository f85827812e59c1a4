/** The tables of keys and of workers, and the marker. */
import type { IdempotencyRecord } from '../../contracts/stack/stores.js';
import type { WorkerRecord } from '../../contracts/worker/worker.js';

export class KeyTable {
  readonly records = new Map<string, IdempotencyRecord>();

  /** @param nowMs by the clock of the caller, as in the adapter */
  read(key: string, nowMs: number): IdempotencyRecord | undefined {
    const record = this.records.get(key);
    return record !== undefined && record.expiresAtMs > nowMs ? record : undefined;
  }

  create(record: IdempotencyRecord, nowMs: number): IdempotencyRecord | 'created' {
    const there = this.read(record.key, nowMs);
    if (there !== undefined) return there;
    this.records.set(record.key, record);
    return 'created';
  }
}

export class WorkerTable {
  readonly records = new Map<string, WorkerRecord>();

  put(worker: WorkerRecord): void {
    this.records.set(worker.id, worker);
  }

  list(): readonly WorkerRecord[] {
    return [...this.records.values()];
  }
}

/** The item whose absence shows that the tables were emptied. */
export class MarkerTable {
  id: string | undefined;

  create(id: string): string {
    return (this.id ??= id);
  }
}
