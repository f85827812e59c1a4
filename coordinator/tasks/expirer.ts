/**
 * Expires tasks when their deadline comes, in flight or not, by the monotonic clock. It keeps no list of its own: one timer, set to the
 * earliest deadline among the unfinished batches that were accepted here.
 */
import { setMaxListeners } from 'node:events';
import { expireTasks } from '../batch/batch-life.js';
import { openTaskIndexes } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import { pause } from '../async/repeat.js';
import { rewriteBatch, type BatchTimeouts, type RewritePorts } from '../ledger/rewrite-batch.js';

const RETRY_MS = 1000;
/** Bounds how often all batches are looked through where deadlines lie close together. */
const MIN_PAUSE_MS = 5;

export class Expirer {
  readonly #ports: RewritePorts;
  readonly #timeouts: BatchTimeouts;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #expiring = new Set<BatchId>();
  #cancelTimer: () => void = () => undefined;
  /** Monotonic. */
  #timerAt = Infinity;

  constructor(ports: RewritePorts, timeouts: BatchTimeouts, logger: Logger) {
    this.#ports = ports;
    this.#timeouts = timeouts;
    this.#logger = logger;
    setMaxListeners(0, this.#stopping.signal); // one for each expiry that waits to try again
  }

  watch(batch: BatchDocument): void {
    this.#wakeAt(this.#ports.ledger.deadlines.earliest(batch, openTaskIndexes(batch)));
  }

  stop(): void {
    this.#stopping.abort();
    this.#cancelTimer();
    this.#timerAt = -Infinity;
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = at;
    const delayMs = Math.max(MIN_PAUSE_MS, at - this.#ports.clock.monotonic());
    this.#cancelTimer = this.#ports.clock.timer(delayMs, () => this.#lookThrough());
  }

  #lookThrough(): void {
    this.#timerAt = Infinity;
    const { ledger } = this.#ports;
    let next = Infinity;
    for (const batch of ledger.acceptedBatches()) {
      const due = ledger.deadlines.overdueTasks(batch);
      if (due.length > 0 && !this.#expiring.has(batch.id)) void this.#expire(batch, due);
      const others = openTaskIndexes(batch).filter((taskIndex) => !due.includes(taskIndex));
      next = Math.min(next, ledger.deadlines.earliest(batch, others));
    }
    this.#wakeAt(next);
  }

  async #expire(batch: BatchDocument, due: readonly number[]): Promise<void> {
    this.#expiring.add(batch.id);
    try {
      await this.#ports.ledger.stored(batch.id);
      await rewriteBatch(this.#ports, this.#timeouts, {
        known: this.#ports.ledger.get(batch.id) ?? batch,
        change: (read, write) => expireTasks(read, due, write),
      });
    } catch (error) {
      this.#logger.warn({ batchId: batch.id, error: messageOf(error) }, 'task.expire_failed');
      await pause(this.#ports.clock, RETRY_MS, this.#stopping.signal); // nobody else tries meanwhile
    } finally {
      this.#expiring.delete(batch.id);
      const now = this.#ports.ledger.get(batch.id);
      if (now !== undefined) this.watch(now); // what fell due meanwhile was passed over
    }
  }
}
