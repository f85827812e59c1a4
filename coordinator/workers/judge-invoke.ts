/**
 * Judges a worker by the end of an invoke. A failure counts where the worker brought no usable answer, or where the
 * function itself broke; tasks that failed each for itself say nothing. Nor does a batch that failed at another worker
 * before: a poisonous text takes one worker after the other with it, and none of them is to blame.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { FUNCTION_FAILED, FUNCTION_FAULT_CODES } from '../../contracts/worker/invoke.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { TaskOutcome } from '../batch/commit-delivery.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import type { WorkerRegistry } from './registry.js';

export interface JudgedInvoke {
  readonly workerId: string;
  readonly batch: BatchDocument;
  /** Monotonic. */
  readonly startedAt: number;
  readonly outcomes: readonly TaskOutcome[];
  /** Why there was no usable answer, where there was none. */
  readonly error?: { readonly code: string } | undefined;
}

export interface JudgePorts {
  readonly registry: WorkerRegistry;
  readonly stats: StatsRecorder;
  readonly logger: Logger;
}

export function judgeInvoke({ registry, stats, logger }: JudgePorts, invoke: JudgedInvoke): void {
  const { workerId, batch, startedAt } = invoke;
  const verdict = verdictOf(invoke);
  if (verdict === 'worked') {
    if (registry.recordInvokeSuccess(workerId, startedAt)) logger.info({ workerId }, 'worker.readmitted');
    return;
  }
  if (verdict === 'unknown' || failedElsewhere(batch, workerId)) return;
  const ejection = registry.recordInvokeFailure(workerId, batch.id, startedAt);
  if (ejection === undefined) return;
  const { forMs, times } = ejection;
  const code = invoke.error?.code ?? FUNCTION_FAILED;
  stats.count('ejections');
  stats.event('worker.ejected', { workerId, forMs, times, code });
  logger.warn({ workerId, forMs, times, code }, 'worker.ejected');
}

function verdictOf({ outcomes, error }: JudgedInvoke): 'worked' | 'failed' | 'unknown' {
  if (error !== undefined) return 'failed';
  if (outcomes.some(({ status }) => status === 'succeeded' || status === 'expired')) return 'worked';
  const broke = outcomes.every(
    (outcome) => outcome.status === 'failed' && FUNCTION_FAULT_CODES.has(outcome.error.code),
  );
  return broke ? 'failed' : 'unknown';
}

function failedElsewhere({ deliveries }: BatchDocument, workerId: string): boolean {
  return Object.values(deliveries).some(({ invokes }) =>
    invokes.some((invoke) => invoke.workerId !== workerId && invoke.error !== undefined),
  );
}
