/** The workers as people see them, from DynamoDB. */
import type { LiveWorkers, WorkerView } from '../../contracts/live.js';
import type { Clock, WorkerStore } from '../../contracts/ports.js';
import { workerState, type Suspicion, type WorkerRecord } from '../../contracts/worker.js';

/** The table's time to live, which not every stack keeps. */
const FORGOTTEN_AFTER_MS = 3_600_000;

export interface WorkerPorts {
  readonly clock: Clock;
  readonly workers: WorkerStore;
}

/** @throws StackUnavailableError */
export async function readWorkers({ clock, workers }: WorkerPorts): Promise<LiveWorkers> {
  const nowMs = clock.now();
  const records = (await workers.list())
    .filter(({ heartbeatAtMs }) => nowMs - heartbeatAtMs < FORGOTTEN_AFTER_MS)
    .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  return { workers: records.map((record) => workerView(record, nowMs)) };
}

function workerView(record: WorkerRecord, nowMs: number): WorkerView {
  const { id, address, heartbeatAtMs, suspicion, ...rest } = record;
  const state = workerState(record, nowMs);
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

function shown({ reason, ejectedUntilMs }: Suspicion) {
  const ejectedUntil = ejectedUntilMs === undefined ? undefined : new Date(ejectedUntilMs).toISOString();
  return { reason, ...(ejectedUntil === undefined ? {} : { ejectedUntil }) };
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
