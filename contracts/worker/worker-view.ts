/** A worker as people and programs see it, made from its record alone: `GET /workers`, the monitor and the dashboard. */
import type { ObservedWorker } from './worker-sightings.js';
import {
  isUnresponsive,
  workerState,
  type WorkerHealthReason,
  type WorkerRecord,
  type WorkerState,
} from './worker.js';

/** The table's time to live, which not every stack keeps. */
const FORGOTTEN_AFTER_MS = 3_600_000;

export interface WorkerView extends Omit<
  WorkerRecord,
  'heartbeatAtMs' | 'suspicion' | 'state' | 'beat' | 'proof'
> {
  readonly state: WorkerState;
  /** Why a worker that beats gets no work, or little. */
  readonly reason?: WorkerHealthReason['reason'];
  readonly ejectedUntil?: string;
  readonly heartbeatAgeMs: number;
}

/** Those that are not long gone, in the order of their names: worker-2 before worker-10. */
export function workerViews(workers: readonly ObservedWorker[]): readonly WorkerView[] {
  return workers
    .filter(({ silentMs }) => silentMs < FORGOTTEN_AFTER_MS)
    .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map(workerView);
}

/** Told by the worker itself, whichever coordinator heard it. */
const UNRESPONSIVE: WorkerHealthReason = { reason: 'unresponsive' };

function workerView(worker: ObservedWorker): WorkerView {
  const {
    id,
    address,
    heartbeatAtMs: _at,
    beat: _beat,
    proof: _proof,
    silentMs,
    suspicion: _stored,
    ...rest
  } = worker;
  const state = workerState(worker.state, silentMs);
  const suspicion = isUnresponsive(worker) ? UNRESPONSIVE : worker.suspicion;
  const isJudged = state === 'up' && suspicion !== undefined;
  return {
    id,
    address,
    ...rest,
    p50Ms: tenths(worker.p50Ms),
    p95Ms: tenths(worker.p95Ms),
    state: isJudged && suspicion.reason !== 'trial' ? 'suspect' : state,
    ...(isJudged ? shown(suspicion) : {}),
    heartbeatAgeMs: Math.round(silentMs),
  };
}

function shown({ reason, ejectedUntilMs }: WorkerHealthReason): Pick<WorkerView, 'reason' | 'ejectedUntil'> {
  const ejectedUntil = ejectedUntilMs === undefined ? undefined : new Date(ejectedUntilMs).toISOString();
  return { reason, ...(ejectedUntil === undefined ? {} : { ejectedUntil }) };
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
