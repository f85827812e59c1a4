/**
 * Expires tasks when their deadline comes, in flight or not. One timer, set to the next deadline.
 */
import { expireTasks } from '../../contracts/batch-life.js';
import type { BatchId } from '../../contracts/ids.js';
import type { BatchDocument } from '../../contracts/batch.js';
import type { Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { rewriteBatch, type Durations, type RewritePorts } from './rewrite-batch.js';

const RETRY_MS = 1000;

interface Due {
  readonly batchId: BatchId;
  readonly slots: number[];
}

export class Expirer {
  readonly #ports: RewritePorts;
  readonly #durations: Durations;
  readonly #logger: Logger;
  /** By epoch ms, whole; batches of one instant together. */
  readonly #due = new Map<number, Due[]>();
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = Infinity;

  constructor(ports: RewritePorts, durations: Durations, logger: Logger) {
    this.#ports = ports;
    this.#durations = durations;
    this.#logger = logger;
  }

  watch(batch: BatchDocument): void {
    const byInstant = new Map<number, number[]>();
    batch.inputs.forEach(({ deadlineAtMs }, slot) => {
      if (deadlineAtMs === undefined) return;
      const instant = Math.ceil(deadlineAtMs);
      const slots = byInstant.get(instant);
      if (slots === undefined) byInstant.set(instant, [slot]);
      else slots.push(slot);
    });
    for (const [instant, slots] of byInstant) this.#enter(instant, { batchId: batch.id, slots });
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#due.clear();
  }

  #enter(instant: number, due: Due): void {
    const there = this.#due.get(instant);
    if (there === undefined) this.#due.set(instant, [due]);
    else there.push(due);
    if (instant < this.#timerAtMs) this.#schedule(instant);
  }

  #schedule(instant: number): void {
    this.#cancelTimer?.();
    this.#timerAtMs = instant;
    if (instant === Infinity) return;
    this.#cancelTimer = this.#ports.clock.timer(Math.max(0, instant - this.#ports.clock.now()), () =>
      this.#expireDue(),
    );
  }

  #expireDue(): void {
    const nowMs = this.#ports.clock.now();
    let next = Infinity;
    for (const [instant, dues] of this.#due) {
      if (instant > nowMs) {
        next = Math.min(next, instant);
        continue;
      }
      this.#due.delete(instant);
      for (const due of dues) void this.#expire(due);
    }
    this.#schedule(next);
  }

  async #expire(due: Due): Promise<void> {
    try {
      await this.#ports.ledger.stored(due.batchId);
      const known = this.#ports.ledger.get(due.batchId);
      if (known === undefined) return;
      await rewriteBatch(this.#ports, this.#durations, {
        known,
        change: (batch, move) => expireTasks(batch, due.slots, move),
      });
    } catch (error) {
      this.#logger.warn({ batchId: due.batchId, error: messageOf(error) }, 'expiry.failed');
      this.#enter(Math.ceil(this.#ports.clock.now() + RETRY_MS), due);
    }
  }
}
