/**
 * Writes that a delivery has started, where it lasts longer than a moment; and again as long as it runs: what nobody
 * touches for two visibility timeouts is presumed lost.
 */
import { deliveryKey, type RunningDelivery } from '../../contracts/batch/batch.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { DeliveryProgress } from './delivery-progress.js';
import { recordOf } from './delivery-state.js';
import { logFailure } from './log-failure.js';

const RECORD_START_AFTER_MS = 1000;

export class StartRecorder {
  readonly #progress: DeliveryProgress;
  #cancel: () => void = () => undefined;
  #settled: Promise<void> = Promise.resolve();

  constructor(progress: DeliveryProgress) {
    this.#progress = progress;
  }

  /** Resolves when no such write is under way. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  start(inMs = RECORD_START_AFTER_MS): void {
    const { clock, durations } = this.#progress.context;
    this.#cancel = clock.timer(inMs, () => {
      this.#settled = this.#settled.then(() => this.#record());
      this.start(durations.visibilityTimeoutMs);
    });
  }

  stop(): void {
    this.#cancel();
  }

  async #record(): Promise<void> {
    const { context, batch, state } = this.#progress;
    if (isTerminal(batch) || state.tag !== 'running') return;
    const record = recordOf(state);
    const dueAtMs = context.clock.now() + 2 * context.options.visibilityTimeoutMs;
    try {
      const result = await context.batches.recordStart(batch.id, batch.rev, record, dueAtMs);
      if (result === 'written') this.#learn(record);
    } catch (error) {
      logFailure(context.logger, 'debug', error, { batchId: batch.id }, 'start.record_failed');
    }
  }

  #learn(record: RunningDelivery): void {
    const { context, batch } = this.#progress;
    const held = context.ledger.get(batch.id);
    if (held === undefined || held.rev !== batch.rev) return;
    context.ledger.update({ ...held, deliveries: { ...held.deliveries, [deliveryKey(record)]: record } });
  }
}
