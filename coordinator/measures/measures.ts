/**
 * The numbers that this coordinator has measured since it started. Plain numbers, filled on the way of a task and read when
 * somebody asks for `GET /metrics`.
 */
import type { DeliveryOutcome } from '../../contracts/batch/batch.js';
import type { InvokeResponse } from '../../contracts/worker/invoke.js';
import { BucketCounts } from './bucket-counts.js';
import { LabeledCounts } from './labeled-counts.js';

export const DURATION_BOUNDS_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
] as const;
const BATCH_BOUNDS_TASKS = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;

export type TerminalStatus = 'succeeded' | 'failed' | 'expired' | 'cancelled';

/** These stand for the fault of a delivery that met none, or several kinds. */
export const NO_FAULT = 'none';
export const SEVERAL_FAULTS = 'several';

export class Measures {
  /** From admission to the start of the invoke that answered, a task. */
  readonly queueWaitMs = durations();
  /** The model's time, an answered invoke. */
  readonly computeMs = durations();
  /** From admission to the final state, a task. */
  readonly endToEndMs: Readonly<Record<TerminalStatus, BucketCounts>> = {
    succeeded: durations(),
    failed: durations(),
    expired: durations(),
    cancelled: durations(),
  };
  /** Tasks that were stored and sent together. */
  readonly batchTasks = new BucketCounts(BATCH_BOUNDS_TASKS);
  /** By outcome and fault. */
  readonly deliveries = new LabeledCounts(2);
  /** By kind. */
  readonly faults = new LabeledCounts(1);
  realTokens = 0;
  paddingTokens = 0;

  recordTerminalTask(status: TerminalStatus, totalMs: number, queueMs: number | undefined): void {
    this.endToEndMs[status].observe(totalMs);
    if (queueMs !== undefined) this.queueWaitMs.observe(queueMs);
  }

  recordInvokeTimings({ computeMs, tokens, paddedTokens }: InvokeResponse['timings']): void {
    this.computeMs.observe(computeMs);
    if (tokens === undefined || paddedTokens === undefined) return;
    this.realTokens += tokens;
    this.paddingTokens += Math.max(0, paddedTokens - tokens);
  }

  recordDelivery(outcome: DeliveryOutcome, faults: readonly string[]): void {
    const fault = faults.length > 1 ? SEVERAL_FAULTS : (faults[0] ?? NO_FAULT);
    this.deliveries.add(1, outcome, fault);
  }

  recordLostDeliveries(count: number): void {
    this.deliveries.add(count, 'lost', NO_FAULT);
  }

  recordFault(kind: string): void {
    this.faults.add(1, kind);
  }
}

function durations(): BucketCounts {
  return new BucketCounts(DURATION_BOUNDS_MS);
}
