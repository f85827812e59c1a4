/**
 * When to send what has gathered. Batch when busy, never when idle:
 *
 * - Idle (nothing outstanding, nobody expected back): at once.
 * - A batch was just answered: its clients come back within a millisecond or two; the first must not leave alone, so
 *   wait until as many have come as were answered, one window at most.
 * - Batches outstanding: gather for one window.
 * - About one batch per worker outstanding: sending sooner gains nothing, so gather until one is answered, but never
 *   beyond one batch time: then it is stored and sent, for the queue is SQS, not this process.
 *
 * A full batch is never held. Pure: the batcher asks it and sets its timer by the answer.
 */
export interface GatherState {
  readonly nowMs: number;
  /** When the oldest of the gathered tasks arrived. */
  readonly firstArrivalMs: number;
  /** Batches sent and not yet answered, those in back-off or overdue left out. */
  readonly outstandingBatches: number;
  readonly workers: number;
  readonly windowMs: number;
  /** How long a batch usually takes from sending to its answer. */
  readonly batchTimeMs: number;
  /** When the latest answers came, and how many of those they went to have not come back within the window. */
  readonly answeredAtMs: number;
  readonly expectedBack: number;
}

export const LONGEST_GATHERING_MS = 50;

/** When to send, on the clock of `nowMs`; what is not in the future means now. */
export function sendAtMs(state: GatherState): number {
  const { firstArrivalMs, windowMs } = state;
  const stillExpected = state.expectedBack > 0 ? state.answeredAtMs + windowMs : -Infinity;
  if (state.outstandingBatches === 0) return Math.max(firstArrivalMs, stillExpected);
  if (state.outstandingBatches < state.workers) return Math.max(firstArrivalMs + windowMs, stillExpected);
  return firstArrivalMs + Math.max(windowMs, Math.min(state.batchTimeMs, LONGEST_GATHERING_MS));
}
