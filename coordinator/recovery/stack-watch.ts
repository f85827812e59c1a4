/**
 * Finds out that the stack was emptied, which no error shows: an init hook has often made table and queue again. A
 * marker item with a random id says so of the tables, the time of its creation of the queue. What is missing is made
 * again; what is held here is put back.
 */
import type { BatchQueue, Clock, MarkerStore, StackResources } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { repeat } from '../repeat.js';
import { newWriteId } from '../tasks/write-id.js';
import type { Durations } from '../tasks/rewrite-batch.js';
import { putBackBatches, sendUnfinished } from './put-back.js';
import type { RememberedKeys } from './remembered-keys.js';
import type { SendAgainPorts } from './send-again.js';

const INTERVAL_MS = 1000;

export interface StackWatchPorts extends SendAgainPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly marker: MarkerStore;
  readonly resources: StackResources;
  readonly keys: RememberedKeys;
}

export class StackWatch {
  readonly #ports: StackWatchPorts;
  readonly #durations: Durations;
  #marker: string | undefined;
  #queueCreated: string | undefined;
  /** What is still to be put back, after an attempt that the stack broke off. */
  #due = { tables: false, queue: false };
  #looking: Promise<void> | undefined;

  constructor(ports: StackWatchPorts, durations: Durations) {
    this.#ports = ports;
    this.#durations = durations;
  }

  /** @returns the way to stop */
  start(): () => Promise<void> {
    void this.look();
    const stop = repeat(this.#ports.clock, INTERVAL_MS, () => this.look());
    return async () => {
      await stop();
      await this.#looking;
    };
  }

  /** Looks once, and puts back what is missing. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    try {
      await this.#compare();
      await this.#putBack();
    } catch (error) {
      this.#ports.logger.debug({ error: messageOf(error) }, 'stack.unwatched');
      await this.#makeAgain();
    }
  }

  /** The new queue's time is kept before its messages are sent: who is accepted after that went into the new one. */
  async #compare(): Promise<void> {
    const { marker, queue, random } = this.#ports;
    const found = (await marker.read()) ?? (await marker.create(newWriteId(random)));
    if (this.#marker !== undefined && found !== this.#marker) this.#due.tables = true;
    this.#marker = found;
    const created = await queue.createdAt();
    if (this.#queueCreated !== undefined && created !== this.#queueCreated) this.#due.queue = true;
    this.#queueCreated = created;
  }

  async #putBack(): Promise<void> {
    const { logger, stats, keys } = this.#ports;
    const { tables, queue } = this.#due;
    if (!tables && !queue) return;
    const reason = tables ? 'tables_emptied' : 'queue_emptied';
    logger.warn({ tables, queue }, 'stack.emptied');
    stats.event('stack.emptied', { tables: Number(tables), queue: Number(queue) });
    const batches = tables ? await putBackBatches(this.#ports, this.#durations) : 0;
    const sent = await sendUnfinished(this.#ports, this.#durations, reason);
    if (tables) await keys.putBack();
    this.#due = { tables: false, queue: false };
    logger.warn({ batches, sent }, 'stack.put_back');
  }

  async #makeAgain(): Promise<void> {
    try {
      await this.#ports.resources.ensure();
    } catch (error) {
      this.#ports.logger.debug({ error: messageOf(error) }, 'stack.not_ready');
    }
  }
}
