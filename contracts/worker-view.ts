/** A worker as people and programs see it, made from its record alone: `GET /workers`, the monitor and the dashboard. */
import {
  isUnresponsive,
  workerState,
  type Suspicion,
  type WorkerRecord,
  type WorkerState,
} from './worker.js';

/** The table's time to live, which not every stack keeps. */
const FORGOTTEN_AFTER_MS = 3_600_000;

export interface WorkerView extends Omit<WorkerRecord, 'heartbeatAtMs' | 'suspicion' | 'state'> {
  readonly state: WorkerState;
  /** Why a worker that beats gets no work, or little. */
  readonly reason?: Suspicion['reason'];
  readonly ejectedUntil?: string;
  readonly heartbeatAgeMs: number;
}

/** Those that are not long gone, in the order of their names: worker-2 before worker-10. */
export function workerViews(records: readonly WorkerRecord[], nowMs: number): readonly WorkerView[] {
  return records
    .filter(({ heartbeatAtMs }) => nowMs - heartbeatAtMs < FORGOTTEN_AFTER_MS)
    .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map((record) => workerView(record, nowMs));
}

/** Told by the worker itself, whichever coordinator heard it. */
const UNRESPONSIVE: Suspicion = { reason: 'unresponsive' };

function workerView(record: WorkerRecord, nowMs: number): WorkerView {
  const { id, address, heartbeatAtMs, suspicion: _stored, ...rest } = record;
  const state = workerState(record, nowMs);
  const suspicion = isUnresponsive(record) ? UNRESPONSIVE : record.suspicion;
  const isJudged = state === 'up' && suspicion !== undefined;
  return {
    id,
    address,
    ...rest,
    p50Ms: tenths(record.p50Ms),
    p95Ms: tenths(record.p95Ms),
    state: isJudged && suspicion.reason !== 'trial' ? 'suspect' : state,
    ...(isJudged ? shown(suspicion) : {}),
    heartbeatAgeMs: Math.max(0, Math.round(nowMs - heartbeatAtMs)),
  };
}

function shown({ reason, ejectedUntilMs }: Suspicion): Pick<WorkerView, 'reason' | 'ejectedUntil'> {
  const ejectedUntil = ejectedUntilMs === undefined ? undefined : new Date(ejectedUntilMs).toISOString();
  return { reason, ...(ejectedUntil === undefined ? {} : { ejectedUntil }) };
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
