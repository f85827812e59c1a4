/** The figures of a run. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { percentile } from '../../kit/numbers/percentile.js';
import { lateAnswers, storedAnswers } from './once.js';
import {
  acceptedTasks,
  countTaskResults,
  type Evidence,
  type TaskResultCounts,
} from '../evidence/evidence.js';
import type { RequestState } from '../load/records.js';

export interface Figures extends TaskResultCounts {
  readonly requests: number;
  /** Requests by what became of them. */
  readonly requestStates: Readonly<Record<RequestState, number>>;
  /** Sent again: after a refusal, or under a key. */
  readonly repeats: number;
  /** Tasks whose ids clients hold. */
  readonly accepted: number;
  /** Tasks that were accepted though their clients could not know. */
  readonly untold: number;
  readonly duplicatesComputed: number;
  readonly duplicatesStored: number;
  /** Deliveries of tasks beyond the first. */
  readonly redeliveries: number;
  /** How often messages were sent again, because they were presumed lost or were. */
  readonly resent: number;
  /** Met by tasks, by kind, as their histories tell. */
  readonly faultsMet: Readonly<Record<string, number>>;
  /** From the planned time to the last answer; of requests that came to their end. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Recovery times of the faults; Infinity for never, `null` in JSON. */
  readonly recoveryP99Ms: number | undefined;
  readonly underWayP99Ms: number | undefined;
}

export function figuresOf(evidence: Evidence): Figures {
  const { requests, stored, recoveries } = evidence;
  const views = [...stored.values()];
  const latencies = requests.flatMap(({ doneAtMs, planned }) =>
    doneAtMs === undefined ? [] : [doneAtMs - planned.atMs],
  );
  const states: Record<RequestState, number> = {
    open: 0,
    accepted: 0,
    rejected: 0,
    unreached: 0,
    unknown: 0,
  };
  for (const { state } of requests) states[state] += 1;
  return {
    requests: requests.length,
    requestStates: states,
    repeats: requests.reduce((total, { sends }) => total + Math.max(0, sends - 1), 0),
    accepted: acceptedTasks(evidence).length,
    ...countTaskResults(evidence),
    untold: evidence.unreported.length,
    duplicatesComputed: views.reduce((total, view) => total + lateAnswers(view), 0),
    duplicatesStored: views.filter((view) => storedAnswers(view) > 1).length,
    redeliveries: views.reduce((total, { deliveries }) => total + Math.max(0, deliveries - 1), 0),
    resent: countResent(views),
    faultsMet: countInjectedFaults(views),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    recoveryP99Ms: percentile(
      recoveries.map(({ throughputMs }) => throughputMs ?? Infinity),
      0.99,
    ),
    underWayP99Ms: percentile(
      recoveries.map(({ underWayMs }) => underWayMs ?? Infinity),
      0.99,
    ),
  };
}

export function countResent(views: readonly TaskView[]): number {
  const sends = new Map(views.map((view) => [view.batchId, view.sends]));
  return [...sends.values()].reduce((total, count) => total + count - 1, 0);
}

export function countInjectedFaults(views: readonly TaskView[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { fault } of views.flatMap(({ history }) => history)) {
    if (fault !== undefined) counts[fault] = (counts[fault] ?? 0) + 1;
  }
  return counts;
}
