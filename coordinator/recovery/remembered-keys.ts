/**
 * Idempotency keys, remembered as long as the batches of their tasks may have to be put back: without its key, a
 * repeated request would make its tasks a second time.
 */
import { inParallel } from '../in-parallel.js';
import type { Clock, IdempotencyRecord, KeyStore } from '../../contracts/ports.js';

const REMEMBER_MS = 15 * 60_000;
const MOST = 100_000;
const AT_ONCE = 8;

interface Remembered {
  readonly record: IdempotencyRecord;
  readonly sinceMonotonic: number;
}

export class RememberedKeys implements KeyStore {
  readonly #clock: Clock;
  readonly #store: KeyStore;
  readonly #remembered = new Map<string, Remembered>();

  constructor(clock: Clock, store: KeyStore) {
    this.#clock = clock;
    this.#store = store;
  }

  async read(key: string): Promise<IdempotencyRecord | undefined> {
    return (await this.#store.read(key)) ?? this.#unexpired(key);
  }

  async create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'> {
    const result = await this.#store.create(record);
    if (result === 'created') this.#remember(record);
    return result;
  }

  /** Writes back what the store lost; what is there stays. @returns how many it holds. @throws StackUnavailableError */
  async putBack(): Promise<number> {
    await inParallel(this.#remembered.values(), AT_ONCE, async ({ record }) => {
      if (record.expiresAtMs > this.#clock.now()) await this.#store.create(record);
    });
    return this.#remembered.size;
  }

  #unexpired(key: string): IdempotencyRecord | undefined {
    const record = this.#remembered.get(key)?.record;
    return record !== undefined && record.expiresAtMs > this.#clock.now() ? record : undefined;
  }

  #remember(record: IdempotencyRecord): void {
    const sinceMonotonic = this.#clock.monotonic();
    this.#remembered.delete(record.key);
    this.#remembered.set(record.key, { record, sinceMonotonic });
    for (const [key, oldest] of this.#remembered) {
      if (oldest.sinceMonotonic > sinceMonotonic - REMEMBER_MS && this.#remembered.size <= MOST) return;
      this.#remembered.delete(key);
    }
  }
}
