/** Snapshots as a reader would bring them, and scenes made of them. */
import type { StatsRow } from '../../../../contracts/stats/stats.js';
import type { TaskView } from '../../../../contracts/http/answers.js';
import type { WorkerRecord } from '../../../../contracts/worker/worker.js';
import { bucketOf } from '../../../../contracts/stats/histogram.js';
import { buildScene } from '../../../../tools/monitor/build-scene.js';
import type { QueueReading, Snapshot } from '../../../../tools/monitor/snapshot/snapshot.js';
import { INITIAL_STATE, type UiState } from '../../../../tools/monitor/ui/state.js';
import { UNICODE, type Glyphs } from '../../../../tools/monitor/view/glyphs.js';
import type { Scene } from '../../../../tools/monitor/view/scene.js';

export const NOW_MS = Date.UTC(2026, 10, 24, 1, 2, 3, 400);
export const NOW_SECOND = Math.floor(NOW_MS / 1000);
const BATCH = '01a20b12-9343-7117-9513-e9c662adce77';

export function workerRecord(id: string, change: Partial<WorkerRecord> = {}): WorkerRecord {
  return {
    id,
    address: 'http://127.0.0.1:9001',
    state: 'up',
    inFlight: 1,
    served: 1234,
    failed: 5,
    p50Ms: 4.25,
    p95Ms: 31.5,
    injected: { error: 3, delay: 0 },
    faults: 'demo',
    model: 'bundled',
    startedAt: '2026-11-24T01:00:00.000Z',
    heartbeatAtMs: NOW_MS - 400,
    ...change,
  };
}

export function statsRow(secondsAgo: number, change: Partial<StatsRow> = {}): StatsRow {
  return {
    coordinatorId: 'coordinator-a',
    second: NOW_SECOND - secondsAgo,
    counts: { accepted: 20, succeeded: 18, retries: 1, 'faults.error': 2, 'faults.hang': 1 },
    latency: { [bucketOf(12)]: 17, [bucketOf(900)]: 1 },
    outstandingTasks: 7,
    events: [],
    ...change,
  };
}

export function task(slot: number, change: Partial<TaskView> = {}): TaskView {
  return {
    taskId: `${BATCH}-${slot}`,
    status: 'succeeded',
    label: 'POSITIVE',
    score: 0.9987,
    deliveries: 1,
    workerId: 'worker-2',
    timings: { queueMs: 3.1, computeMs: 1.9, totalMs: 12.4 },
    batchId: BATCH,
    requestId: `request-${slot}`,
    text: `The tea is fragrant, number ${slot}.`,
    createdAt: new Date(NOW_MS - 1000 - slot).toISOString(),
    finishedAt: new Date(NOW_MS - 900).toISOString(),
    sends: 1,
    history: [
      {
        number: 1,
        workerId: 'worker-2',
        startedAt: new Date(NOW_MS - 990).toISOString(),
        endedAt: new Date(NOW_MS - 900).toISOString(),
        outcome: 'succeeded',
      },
    ],
    ...change,
  };
}

export const openTask = (slot: number, change: Partial<TaskView> = {}): TaskView => {
  const { label: _l, score: _s, workerId: _w, timings: _t, finishedAt: _f, ...rest } = task(slot);
  return { ...rest, status: 'queued', deliveries: 0, history: [], ...change };
};

export interface Parts {
  readonly workers?: readonly WorkerRecord[];
  readonly queue?: Partial<QueueReading>;
  readonly rows?: readonly StatsRow[];
  readonly tasks?: readonly TaskView[];
  readonly change?: Partial<Snapshot>;
}

export function snapshot(parts: Parts = {}): Snapshot {
  const readAtMs = NOW_MS - 100;
  const queue: QueueReading = {
    depth: { visible: 42, inFlight: 6, delayed: 0 },
    deadLetters: 1,
    oldestQueuedMs: 1500,
    ...parts.queue,
  };
  const rows = parts.rows ?? [statsRow(3), statsRow(2), statsRow(1)];
  const lastRow = rows.at(-1);
  return {
    workers: {
      value: (parts.workers ?? ['worker-1', 'worker-2', 'worker-3'].map((id) => workerRecord(id))).map(
        (record) => ({ ...record, silentMs: readAtMs - record.heartbeatAtMs }),
      ),
      readAtMs,
    },
    queue: { value: queue, readAtMs },
    stats: { value: rows, readAtMs },
    ...(lastRow === undefined ? {} : { lastRowAtMs: Math.min(NOW_MS, (lastRow.second + 1) * 1000) }),
    tasks: { value: parts.tasks ?? [openTask(0), task(1), task(2)], readAtMs },
    watched: [],
    samples: [3, 2, 1].map((secondsAgo) => ({ ...queue, second: NOW_SECOND - secondsAgo })),
    served: new Map([['worker-1', [{ second: NOW_SECOND - 1, tasks: 9 }]]]),
    noticed: [],
    ...parts.change,
  };
}

export interface SceneParts {
  readonly snapshot?: Snapshot;
  readonly ui?: Partial<UiState>;
  readonly glyphs?: Glyphs;
  readonly isReadOnly?: boolean;
  readonly nowMs?: number;
}

export function scene(parts: SceneParts = {}): Scene {
  const settings = {
    glyphs: parts.glyphs ?? UNICODE,
    endpoint: 'http://127.0.0.1:4566',
    isReadOnly: parts.isReadOnly ?? false,
    workerSlots: 2,
  };
  const ui = { ...INITIAL_STATE, ...parts.ui };
  return buildScene(settings, parts.snapshot ?? snapshot(), ui, parts.nowMs ?? NOW_MS);
}
