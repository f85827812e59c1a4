/** The outcomes of requests, distinguished as far as a client can know them. */
import type { TaskStatus } from '../../contracts/batch/task-status.js';

/** In the order in which they are shown: from good to bad, and last what says nothing of the system. */
export const OUTCOMES = {
  ok: 'ok',
  retried: 'ok after retry',
  wrong: 'wrong answer',
  rejected: 'rejected (429)',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'cancelled',
  timedOut: 'timed out',
  connection: 'connection error',
  unavailable: 'unavailable (503)',
  otherError: 'other error',
  lost: 'lost',
  unfinished: 'accepted, unfinished',
  dropped: 'dropped (not sent)',
  stopped: 'stopped',
} as const;

export type Outcome = keyof typeof OUTCOMES;
export const OUTCOME_NAMES = Object.keys(OUTCOMES) as readonly Outcome[];

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

export function noOutcomes(): Record<Outcome, number> {
  return Object.fromEntries(OUTCOME_NAMES.map((name) => [name, 0])) as Record<Outcome, number>;
}

export function isGood(outcome: Outcome): boolean {
  return outcome === 'ok' || outcome === 'retried';
}

/** Ctrl-C came first: neither good nor bad. */
export function isJudged(outcome: Outcome): boolean {
  return outcome !== 'stopped';
}

/** Work that nobody was to follow is not bad either. */
export function isError(outcome: Outcome): boolean {
  return isJudged(outcome) && !isGood(outcome) && outcome !== 'unfinished';
}

/** It took a time that says something about the system; a refusal is quick, and would make it look quick. */
export function hasLatency(outcome: Outcome): boolean {
  const timed: readonly Outcome[] = ['ok', 'retried', 'wrong', 'failed', 'expired', 'timedOut', 'lost'];
  return timed.includes(outcome);
}

/** Something came back of the task itself. */
export function isAnswer(outcome: Outcome): boolean {
  return hasLatency(outcome) && outcome !== 'timedOut' && outcome !== 'lost';
}

export interface AnsweredTask {
  readonly status: TaskStatus;
  readonly label?: string | undefined;
  readonly deliveries?: number | undefined;
  /** The label that it should have, where that is checked. */
  readonly expected?: string | undefined;
}

/** The outcome of an accepted task; `notFinal` is the outcome of a task that is not final. */
export function taskOutcome(task: AnsweredTask, notFinal: 'lost' | 'unfinished' | 'stopped'): Outcome {
  const { status, label, expected, deliveries = 1 } = task;
  if (status === 'queued' || status === 'running') return notFinal;
  if (status !== 'succeeded') return status;
  // A receipt that nobody followed has no label; an answer that nobody saw is neither right nor here.
  if (label === undefined && (expected !== undefined || notFinal === 'lost')) return notFinal;
  if (expected !== undefined && label !== expected) return 'wrong';
  return deliveries > 1 ? 'retried' : 'ok';
}

const OUTCOMES_WORST_FIRST: readonly Outcome[] = [
  'lost',
  'wrong',
  'failed',
  'unfinished',
  'stopped',
  'expired',
  'cancelled',
  'retried',
];

/** A request is as well as the worst of its tasks. */
export function requestOutcome(tasks: readonly Outcome[]): Outcome {
  return OUTCOMES_WORST_FIRST.find((candidate) => tasks.includes(candidate)) ?? 'ok';
}
