/**
 * Follows the batches of tasks that somebody watches, by reading the store: all of them at once, again and again, and
 * without delay when this coordinator closes a task of theirs.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import type { Ledger } from '../ledger/ledger.js';

const INTERVAL_MS = 300;
/** A batch may hold 200 KB: many are read less often. */
const INTERVAL_OF_MANY_MS = 1000;
const MANY = 10;
const AT_ONCE = 100;

/** Called with what every reading found: `undefined` where the batch is not there. */
type Listener = (batch: BatchDocument | undefined) => void;

export interface FollowerPorts {
  readonly clock: Clock;
  readonly batches: BatchStore;
  readonly ledger: Ledger;
  readonly logger: Logger;
}

export class BatchFollower {
  readonly #ports: FollowerPorts;
  readonly #listeners = new Map<BatchId, Set<Listener>>();
  #cancel: () => void = () => undefined;
  #reading = false;
  #again = false;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    ports.ledger.onTerminal(({ id }) => {
      if (this.#listeners.has(id)) this.#readSoon();
    });
  }

  follow(id: BatchId, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(id, listeners);
    this.#readSoon();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
      if (this.#listeners.size === 0) this.#cancel();
    };
  }

  #readSoon(): void {
    this.#again = true;
    if (!this.#reading) this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#ports.clock.timer(delayMs, () => void this.#read());
  }

  async #read(): Promise<void> {
    this.#reading = true;
    this.#again = false;
    const ids = [...this.#listeners.keys()];
    for (let from = 0; from < ids.length; from += AT_ONCE)
      await this.#readSome(ids.slice(from, from + AT_ONCE));
    this.#reading = false;
    if (this.#listeners.size === 0) return;
    const intervalMs = this.#listeners.size > MANY ? INTERVAL_OF_MANY_MS : INTERVAL_MS;
    this.#schedule(this.#isRequestedAgain() ? 0 : intervalMs);
  }

  /** While the reading was under way. */
  #isRequestedAgain(): boolean {
    return this.#again;
  }

  /** Tells only those that listened before: who came meanwhile may have read something newer already. */
  async #readSome(ids: readonly BatchId[]): Promise<void> {
    const requested = ids.map((id) => [id, [...(this.#listeners.get(id) ?? [])]] as const);
    try {
      const throttled = new Set<BatchId>();
      const onThrottled = (some: readonly BatchId[]) => some.forEach((id) => throttled.add(id));
      const read = await this.#ports.batches.readMany(ids, onThrottled);
      const found = new Map(read.map((batch) => [batch.id, batch]));
      for (const [id, listeners] of requested) {
        if (throttled.has(id)) continue;
        const isStillThere = (listener: Listener) => this.#listeners.get(id)?.has(listener) === true;
        for (const listener of listeners.filter(isStillThere)) listener(found.get(id));
      }
    } catch (error) {
      this.#ports.logger.debug({ error: messageOf(error) }, 'tasks.read_failed');
    }
  }
}
