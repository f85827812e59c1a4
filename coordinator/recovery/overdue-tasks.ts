/**
 * Expires tasks of batches that wait in the queue. Who accepted a batch sees to its deadlines; after its death others do
 * where they receive the message, and where no worker is up nobody receives it.
 */
import { expireTasks } from '../batch/batch-life.js';
import { openTaskIndexes } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import { rewriteBatch, type BatchTimeouts } from '../ledger/rewrite-batch.js';
import type { ResendPorts } from './resend-batch.js';
import { eachBatch } from './each-batch.js';

const WRITES_AT_ONCE = 4;

export class OverdueTasks {
  readonly #ports: ResendPorts;
  readonly #timeouts: BatchTimeouts;
  /** The earliest deadline of each batch that waits, monotonic, so that a backlog is read once. */
  #deadlines: ReadonlyMap<BatchId, number> = new Map();

  constructor(ports: ResendPorts, timeouts: BatchTimeouts) {
    this.#ports = ports;
    this.#timeouts = timeouts;
  }

  /** @param waiting as many as can be read at once. @throws StackUnavailableError */
  async expire(waiting: readonly BatchId[]): Promise<void> {
    const { batches, clock, ledger } = this.#ports;
    const nowMs = clock.monotonic();
    const toRead = waiting.filter((id) => (this.#deadlines.get(id) ?? -Infinity) <= nowMs);
    const unread = new Set<BatchId>();
    const read = await batches.readMany(toRead, (ids) => ids.forEach((id) => unread.add(id)));
    const known = waiting.filter((id) => !unread.has(id));
    const deadlines = new Map(known.map((id) => [id, this.#deadlines.get(id) ?? Infinity]));
    for (const batch of read)
      deadlines.set(batch.id, ledger.deadlines.earliest(batch, openTaskIndexes(batch)));
    this.#deadlines = deadlines;
    await eachBatch(this.#ports, read, WRITES_AT_ONCE, async (batch) => {
      const due = ledger.deadlines.overdueTasks(batch);
      if (due.length === 0) return;
      await rewriteBatch(this.#ports, this.#timeouts, {
        known: batch,
        change: (current, write) => expireTasks(current, due, write),
      });
    });
  }
}
