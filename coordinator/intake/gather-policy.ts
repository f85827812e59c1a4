/**
 * When to send what has gathered. Batch when busy, never when idle:
 *
 * - Idle (nothing under way, nobody expected back): at once.
 * - A batch was just answered: its clients come back within a millisecond or two; the first must not leave alone.
 * - While batches are under way, a batch aims at its share of all tasks that are about, so that there is about one for
 *   each worker: with fewer each worker waits, with more each batch pays its overhead for too little. Once the share
 *   has gathered it leaves within one window; until then it waits, but never beyond one batch time: then it is stored
 *   and sent, for the queue is SQS, not this process.
 *
 * A full batch is never held. Pure: the batcher asks it and sets its timer by the answer.
 */
export interface GatherState {
  /** When the oldest of the gathered tasks arrived. */
  readonly firstArrivalMs: number;
  readonly gatheredTasks: number;
  /** Tasks sent and not yet answered; those in back-off or overdue left out. */
  readonly tasksUnderWay: number;
  /** Tasks that were just answered and whose clients have not come back yet. */
  readonly tasksExpectedBack: number;
  /** When the latest task was answered or arrived. */
  readonly latestEventMs: number;
  readonly workers: number;
  readonly windowMs: number;
  /** How long a batch usually takes from sending to its answer. */
  readonly batchTimeMs: number;
}

export const MAX_GATHERING_MS = 50;

/** Clients that come back do so within a small part of a batch time, on a slow machine too. */
const RETURN_SHARE = 0.1;

/** When to send, on the clock of the state's times; what is not in the future means now. */
export function sendAtMs(state: GatherState): number {
  const { firstArrivalMs, windowMs } = state;
  const latestMs = firstArrivalMs + Math.max(windowMs, Math.min(state.batchTimeMs, MAX_GATHERING_MS));
  const isIdle = state.tasksUnderWay === 0 && state.tasksExpectedBack === 0;
  if (isIdle) return firstArrivalMs;
  if (state.gatheredTasks >= fairShare(state)) return firstArrivalMs + windowMs;
  if (state.tasksUnderWay > 0) return latestMs;
  return Math.min(latestMs, state.latestEventMs + returnMs(state));
}

/** How long to wait for the next of those who are expected back. */
export function returnMs({ windowMs, batchTimeMs }: Pick<GatherState, 'windowMs' | 'batchTimeMs'>): number {
  return Math.max(windowMs, RETURN_SHARE * Math.min(batchTimeMs, 10 * MAX_GATHERING_MS));
}

function fairShare(state: GatherState): number {
  const about = state.gatheredTasks + state.tasksUnderWay + state.tasksExpectedBack;
  return Math.ceil(about / Math.max(1, state.workers));
}
