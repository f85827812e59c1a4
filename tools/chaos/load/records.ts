/** The responses that clients received, independent of what the store holds. */
import type { TaskStatus } from '../../../contracts/batch/task-status.js';
import type { PlannedRequest } from './plan-load.js';

/** One look at a task. */
export interface Sighting {
  /** From the start of the load. */
  readonly atMs: number;
  /**
   * `receipt`: a 202, which tells states and no answers; `answer`: of the request itself; `poll`: GET /tasks/:id;
   * `again`: the same, once more at the end; `store`: DynamoDB.
   */
  readonly by: 'receipt' | 'answer' | 'poll' | 'again' | 'store';
  readonly status: TaskStatus;
  readonly label?: string | undefined;
  readonly score?: number | undefined;
}

/** A task whose id a client holds: it was accepted. */
export interface TaskRecord {
  readonly taskId: string;
  readonly text: string;
  /** Index of the request. */
  readonly request: number;
  /** Final states in the order in which they were seen, without repetitions. */
  readonly finals: Sighting[];
  /** The first final state that its client was told. */
  told?: Sighting;
  /** How often it was asked for and not found. */
  missing: number;
}

export type RequestState =
  /** No answer yet. */
  | 'open'
  /** The client holds the ids of all its tasks. */
  | 'accepted'
  /** Refused for good: it was never accepted. */
  | 'rejected'
  /** It never reached anybody. */
  | 'unreached'
  /** It broke off, and may have been accepted or not; without a key its client cannot ask. */
  | 'unknown';

export interface RequestRecord {
  readonly planned: PlannedRequest;
  readonly requestId: string;
  state: RequestState;
  /** How often it was sent. */
  sends: number;
  /** When it was first sent; open-loop, so close to its planned time however slow the system is. */
  sentAtMs?: number;
  /** When its client had the ids of its tasks. */
  acceptedAtMs?: number;
  tasks: TaskRecord[];
  /** When its client knew the final state of all its tasks. */
  doneAtMs?: number;
  /** Why it was last refused or broke off. */
  problem?: string;
}

/** The events of requests. */
export type ClientEvent =
  | { readonly kind: 'sent' | 'retried'; readonly atMs: number }
  | { readonly kind: 'rejected' | 'unreached' | 'unknown'; readonly atMs: number }
  | { readonly kind: 'accepted'; readonly atMs: number; readonly record: RequestRecord }
  | { readonly kind: 'ok' | 'failed'; readonly atMs: number; readonly latencyMs: number };

export function isFinalSighting({ status }: Pick<Sighting, 'status'>): boolean {
  return status !== 'queued' && status !== 'running';
}

/** Enters what was seen of a task. Only final states are kept: nothing is promised of the others. */
export function recordSighting(task: TaskRecord, sighting: Sighting): void {
  if (!isFinalSighting(sighting)) return;
  if (sighting.by !== 'store' && sighting.by !== 'receipt') task.told ??= sighting;
  const latest = task.finals.at(-1);
  const isNews = latest === undefined || !sameState(latest, sighting) || !includesAnswer(latest);
  if (isNews) task.finals.push(sighting);
}

/** `by` is absent of what the books say at the end. */
export type FinalState = Pick<Sighting, 'status' | 'label' | 'score'> & Partial<Pick<Sighting, 'by'>>;

export function sameState(one: FinalState, other: FinalState): boolean {
  if (one.status !== other.status) return false;
  return (
    !includesAnswer(one) || !includesAnswer(other) || (one.label === other.label && one.score === other.score)
  );
}

/** Whether label and score must be there if it succeeded. */
export function includesAnswer({ by }: FinalState): boolean {
  return by !== 'receipt';
}
