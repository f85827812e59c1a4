/**
 * Expires tasks when their deadline comes, in flight or not. It keeps no list of its own: one timer, set to the
 * earliest deadline among the unfinished batches that were accepted here.
 */
import { setMaxListeners } from 'node:events';
import { expireTasks } from '../../contracts/batch-life.js';
import { openSlots } from '../../contracts/batch-state.js';
import type { BatchDocument } from '../../contracts/batch.js';
import type { BatchId } from '../../contracts/ids.js';
import type { Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { pause } from '../repeat.js';
import { rewriteBatch, type Durations, type RewritePorts } from './rewrite-batch.js';

const RETRY_MS = 1000;
/** Bounds how often all batches are looked through where deadlines lie close together. */
const SHORTEST_PAUSE_MS = 5;

export class Expirer {
  readonly #ports: RewritePorts;
  readonly #durations: Durations;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #expiring = new Set<BatchId>();
  #cancelTimer: () => void = () => undefined;
  /** Epoch ms. */
  #timerAtMs = Infinity;

  constructor(ports: RewritePorts, durations: Durations, logger: Logger) {
    this.#ports = ports;
    this.#durations = durations;
    this.#logger = logger;
    setMaxListeners(0, this.#stopping.signal); // one for each expiry that waits to try again
  }

  watch(batch: BatchDocument): void {
    this.#wakeAt(earliestDeadline(batch, openSlots(batch)));
  }

  stop(): void {
    this.#stopping.abort();
    this.#cancelTimer();
    this.#timerAtMs = -Infinity;
  }

  #wakeAt(epochMs: number): void {
    if (epochMs >= this.#timerAtMs) return;
    this.#cancelTimer();
    this.#timerAtMs = epochMs;
    const delayMs = Math.max(SHORTEST_PAUSE_MS, epochMs - this.#ports.clock.now());
    this.#cancelTimer = this.#ports.clock.timer(delayMs, () => this.#lookThrough());
  }

  #lookThrough(): void {
    this.#timerAtMs = Infinity;
    const nowMs = this.#ports.clock.now();
    let next = Infinity;
    for (const batch of this.#ports.ledger.acceptedBatches()) {
      const open = openSlots(batch);
      const due = open.filter((slot) => deadlineOf(batch, slot) <= nowMs);
      if (due.length > 0 && !this.#expiring.has(batch.id)) void this.#expire(batch, due);
      next = Math.min(
        next,
        earliestDeadline(
          batch,
          open.filter((slot) => !due.includes(slot)),
        ),
      );
    }
    this.#wakeAt(next);
  }

  async #expire(batch: BatchDocument, due: readonly number[]): Promise<void> {
    this.#expiring.add(batch.id);
    try {
      await this.#ports.ledger.stored(batch.id);
      await rewriteBatch(this.#ports, this.#durations, {
        known: this.#ports.ledger.get(batch.id) ?? batch,
        change: (read, move) => expireTasks(read, due, move),
      });
    } catch (error) {
      this.#logger.warn({ batchId: batch.id, error: messageOf(error) }, 'expiry.failed');
      await pause(this.#ports.clock, RETRY_MS, this.#stopping.signal); // nobody else tries meanwhile
    } finally {
      this.#expiring.delete(batch.id);
      const now = this.#ports.ledger.get(batch.id);
      if (now !== undefined) this.watch(now); // what fell due meanwhile was passed over
    }
  }
}

export function deadlineOf(batch: BatchDocument, slot: number): number {
  return batch.inputs[slot]?.deadlineAtMs ?? Infinity;
}

export function earliestDeadline(batch: BatchDocument, slots: readonly number[]): number {
  return slots.reduce((earliest, slot) => Math.min(earliest, deadlineOf(batch, slot)), Infinity);
}
