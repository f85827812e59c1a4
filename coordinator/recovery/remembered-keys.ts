/**
 * Idempotency keys, remembered as long as the batches of their tasks may have to be put back: without its key, a
 * repeated request would make its tasks a second time.
 */
import { StackThrottledError } from '../../contracts/errors/errors.js';
import { inParallel } from '../async/in-parallel.js';
import { parseTaskId, type BatchId } from '../../contracts/batch/ids.js';
import { ExpiryTime } from '../../contracts/system/expiry-time.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { IdempotencyRecord, KeyStore } from '../../contracts/stack/stores.js';

const REMEMBER_MS = 15 * 60_000;
const MAX_KEYS = 100_000;
const AT_ONCE = 8;

interface Remembered {
  readonly record: IdempotencyRecord;
  readonly sinceMonotonic: number;
}

export class RememberedKeys implements KeyStore {
  readonly #clock: Clock;
  readonly #expiryTime: ExpiryTime;
  readonly #store: KeyStore;
  readonly #isHeld: (id: BatchId) => boolean;
  readonly #remembered = new Map<string, Remembered>();

  /** @param isHeld whether the batch would be put back */
  constructor(clock: Clock, store: KeyStore, isHeld: (id: BatchId) => boolean) {
    this.#clock = clock;
    this.#expiryTime = new ExpiryTime(clock);
    this.#store = store;
    this.#isHeld = isHeld;
  }

  async read(key: string): Promise<IdempotencyRecord | undefined> {
    const found = await this.#store.read(key);
    if (found === undefined) return this.#putBackOne(key);
    this.#recognize(found);
    return found;
  }

  async readMany(keys: readonly string[]): Promise<readonly IdempotencyRecord[]> {
    const found = await this.#store.readMany(keys);
    for (const record of found) this.#recognize(record);
    return found;
  }

  async create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'> {
    const result = await this.#store.create(record);
    if (result === 'created') this.#remember(record);
    else this.#recognize(result);
    return result;
  }

  /** Writes back what the store lost; what is there stays. @returns how many it holds. @throws StackUnavailableError */
  async restore(): Promise<number> {
    let throttled: StackThrottledError | undefined;
    await inParallel(this.#remembered.values(), AT_ONCE, async ({ record }) => {
      if (record.expiresAtMs <= this.#expiryTime.now()) return;
      try {
        await this.#store.create(record);
      } catch (error) {
        if (!(error instanceof StackThrottledError)) throw error;
        throttled = error; // others lie elsewhere in the table
      }
    });
    if (throttled !== undefined) throw throttled;
    return this.#remembered.size;
  }

  /** Before a client is told of its tasks again: who tells it may die before it puts back the rest. */
  async #putBackOne(key: string): Promise<IdempotencyRecord | undefined> {
    const own = this.#unexpired(key);
    if (own === undefined) return undefined;
    const result = await this.#store.create(own);
    return result === 'created' ? own : result;
  }

  #unexpired(key: string): IdempotencyRecord | undefined {
    const record = this.#remembered.get(key)?.record;
    return record !== undefined && record.expiresAtMs > this.#expiryTime.now() ? record : undefined;
  }

  /** One's own, where the reply to its creation was lost. */
  #recognize(record: IdempotencyRecord): void {
    if (!this.#remembered.has(record.key) && this.#isOfHeld(record)) this.#remember(record);
  }

  #remember(record: IdempotencyRecord): void {
    this.#setLatest(record);
    const before = this.#clock.monotonic() - REMEMBER_MS;
    for (const [key, { record: oldest, sinceMonotonic }] of this.#remembered) {
      const isOld = sinceMonotonic <= before;
      if (!isOld && this.#remembered.size <= MAX_KEYS) return;
      this.#remembered.delete(key);
      if (isOld && this.#isOfHeld(oldest)) this.#setLatest(oldest);
    }
  }

  #setLatest(record: IdempotencyRecord): void {
    this.#remembered.delete(record.key);
    this.#remembered.set(record.key, { record, sinceMonotonic: this.#clock.monotonic() });
  }

  #isOfHeld({ taskIds }: IdempotencyRecord): boolean {
    return taskIds.some((taskId) => {
      const id = parseTaskId(taskId);
      return id !== undefined && this.#isHeld(id.batchId);
    });
  }
}
