/** A run in which every promise was kept, small, and ways to spoil it. */
import type { HistoryEntry, TaskView } from '../../../../contracts/http/answers.js';
import type { Evidence } from '../../../../tools/chaos/evidence/evidence.js';
import type { PlannedRequest } from '../../../../tools/chaos/load/plan-load.js';
import type { RequestRecord, TaskRecord } from '../../../../tools/chaos/load/records.js';
import type { Mark } from '../../../../tools/chaos/timeline/timeline.js';

/** Epoch milliseconds. */
export const STARTED_AT_MS = 1_800_000_000_000;
export const GOOD = { label: 'POSITIVE', score: 0.9987654321 };
const TEXT = 'What a wonderful day';

/** Returns the id of a batch that was accepted so long after the start of the load. */
export function taskIdAt(afterMs: number, serial = 0): string {
  const time = (STARTED_AT_MS + afterMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(serial).padStart(12, '0')}-0`;
}

export function plannedRequest(overrides: Partial<PlannedRequest> = {}): PlannedRequest {
  return { index: 0, atMs: 100, texts: [TEXT], keyed: false, async: false, ...overrides };
}

export function doneTask(taskId: string, overrides: Partial<TaskRecord> = {}): TaskRecord {
  const told = { atMs: 150, by: 'answer', status: 'succeeded', ...GOOD } as const;
  return { taskId, text: TEXT, request: 0, finals: [told], told, missing: 0, ...overrides };
}

export function storedTask(taskId: string, overrides: Partial<TaskView> = {}): TaskView {
  const at = new Date(STARTED_AT_MS).toISOString();
  return {
    taskId,
    status: 'succeeded',
    ...GOOD,
    deliveries: 1,
    workerId: 'worker-1',
    batchId: taskId.replace(/-\d+$/, ''),
    requestId: 'run-0',
    text: TEXT,
    createdAt: at,
    sends: 1,
    history: [delivery('succeeded')],
    ...overrides,
  };
}

export function delivery(outcome: NonNullable<HistoryEntry['outcome']>, fault?: string): HistoryEntry {
  const at = new Date(STARTED_AT_MS).toISOString();
  return { number: 1, workerId: 'worker-1', startedAt: at, endedAt: at, outcome, ...(fault && { fault }) };
}

export function doneRequest(
  index: number,
  task: TaskRecord,
  overrides: Partial<RequestRecord> = {},
): RequestRecord {
  return {
    planned: plannedRequest({ index, atMs: 100 * (index + 1) }),
    requestId: `run-${index}`,
    state: 'accepted',
    sends: 1,
    sentAtMs: 100,
    acceptedAtMs: 150,
    doneAtMs: 150 + 100 * index,
    tasks: [task],
    ...overrides,
  };
}

export function mark(text: string, action: Mark['action'], overrides: Partial<Mark> = {}): Mark {
  return { text, action, targets: [], emptiesStack: false, atMs: 500, doneAtMs: 510, ...overrides };
}

export const KILL_COORDINATOR: Mark['action'] = { verb: 'kill', target: 'coordinator' };
export const EMPTY_STACK: Mark['action'] = { verb: 'restart', target: 'stack', empty: true };

/** Three requests of one text each, all answered. */
export function healthyEvidence(): Evidence {
  const ids = [0, 1, 2].map((serial) => taskIdAt(100 * serial, serial));
  const requests = ids.map((taskId, index) => doneRequest(index, doneTask(taskId, { request: index })));
  return {
    settings: { failed: 'none' },
    poison: undefined,
    requests,
    stored: new Map(ids.map((taskId) => [taskId, storedTask(taskId)])),
    unreported: [],
    keyRepeats: [{ requestId: 'run-0', before: ids.slice(0, 1), after: ids.slice(0, 1) }],
    bareModel: new Map([[TEXT, GOOD]]),
    marks: [],
    recoveries: [],
    startedAtMs: STARTED_AT_MS,
    stopped: undefined,
    healthProblem: undefined,
  };
}

/** The evidence with its first task stored otherwise; not at all where that is nothing. */
export function storedOtherwise(evidence: Evidence, change: Partial<TaskView> | undefined): Evidence {
  const stored = new Map(evidence.stored);
  const [taskId = ''] = stored.keys();
  if (change === undefined) stored.delete(taskId);
  else stored.set(taskId, storedTask(taskId, change));
  return { ...evidence, stored };
}

/** The evidence with its first task seen otherwise by its client. */
export function seenOtherwise(evidence: Evidence, change: Partial<TaskRecord>): Evidence {
  const [first, ...others] = evidence.requests;
  if (first?.tasks[0] === undefined) throw new Error('there is no task');
  return { ...evidence, requests: [{ ...first, tasks: [{ ...first.tasks[0], ...change }] }, ...others] };
}
