/**
 * Clients with discipline. What was accepted is followed to its end; what was refused is sent again when its time has
 * come (Retry-After); what broke off is sent again only under a key, because it may have been accepted.
 */
import { sleep } from '../../../client/sleep.js';
import type { HttpClient } from '../../../client/http.js';
import { fetchTask, RunningRequests, type SeenTask } from '../../kit/load/infer.js';
import { attempt, type Attempt } from './attempt.js';
import type { PlannedRequest } from './plan-load.js';
import {
  isFinalSighting,
  recordSighting,
  type ClientEvent,
  type RequestRecord,
  type TaskRecord,
} from './records.js';

export interface ClientOptions {
  readonly http: HttpClient;
  /** In every request id, so that this run's tasks are known in the store. */
  readonly runId: string;
  /** How long clients let the coordinator wait for answers. */
  readonly waitMs: number;
  /** Milliseconds since the start of the load. */
  readonly now: () => number;
  /** Ends all following and repeating. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ClientEvent) => void;
}

/** Without a Retry-After: doubled each time, so that a dead coordinator is not hammered. */
const FIRST_PAUSE_MS = 100;
const MAX_RETRY_PAUSE_MS = 2000;
const MAX_POLL_PAUSE_MS = 1000;
/** The limit for all clients together, so that polling does not slow a backlog down. */
const MAX_POLLS_PER_SECOND = 100;

export interface Clients {
  readonly records: readonly RequestRecord[];
  send(planned: PlannedRequest): void;
  /** Resolves when every request that was sent has come to its end. */
  settled(): Promise<void>;
}

export function createClients(options: ClientOptions): Clients {
  const records: RequestRecord[] = [];
  const running = new RunningRequests();
  const pollPauseMs = () => (running.count * 1000) / MAX_POLLS_PER_SECOND;
  return {
    records,
    send(planned) {
      const requestId = requestIdOf(options.runId, planned.index);
      const record: RequestRecord = { planned, requestId, state: 'open', sends: 0, tasks: [] };
      records.push(record);
      void running.track(runRequest(record, options, pollPauseMs));
    },
    settled: () => running.settled(),
  };
}

export function requestIdOf(runId: string, index: number): string {
  return `${runId}-${index}`;
}

async function runRequest(
  record: RequestRecord,
  options: ClientOptions,
  pollPauseMs: () => number,
): Promise<void> {
  const accepted = await sendUntilAccepted(record, options);
  if (accepted === undefined) return;
  const { tasks, by } = accepted;
  const { now, onEvent } = options;
  record.state = 'accepted';
  record.acceptedAtMs = now();
  record.tasks = tasks.map(({ taskId }, index) => ({
    taskId,
    text: record.planned.texts[index] ?? '',
    request: record.planned.index,
    finals: [],
    missing: 0,
  }));
  record.tasks.forEach((task, index) => {
    const seen = tasks[index];
    if (seen !== undefined) recordSighting(task, { ...stateOf(seen), atMs: now(), by });
  });
  onEvent({ kind: 'accepted', atMs: now(), record });
  for (const task of record.tasks) await follow(task, options, pollPauseMs);
  if (!record.tasks.every(({ told }) => told !== undefined)) return;
  record.doneAtMs = now();
  const isWell = record.tasks.every(({ told }) => told?.status === 'succeeded');
  const latencyMs = record.doneAtMs - record.planned.atMs;
  onEvent({ kind: isWell ? 'ok' : 'failed', atMs: record.doneAtMs, latencyMs });
}

/** Sends until it is accepted, refused, or broken off without a key. */
async function sendUntilAccepted(
  record: RequestRecord,
  { http, waitMs: clientsWaitMs, now, signal, onEvent }: ClientOptions,
): Promise<Extract<Attempt, { readonly kind: 'accepted' }> | undefined> {
  const { planned, requestId } = record;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_RETRY_PAUSE_MS)) {
    record.sends += 1;
    record.sentAtMs ??= now();
    onEvent({ kind: record.sends === 1 ? 'sent' : 'retried', atMs: now() });
    const result = await attempt(http, planned, { requestId, waitMs: clientsWaitMs });
    if (result.kind === 'accepted') return result;
    record.problem = result.problem;
    const kind = result.kind === 'refused' ? 'rejected' : result.kind;
    onEvent({ kind, atMs: now() });
    // An attempt that may have been accepted is not undone by a later one that was not.
    if (record.state !== 'unknown') record.state = kind;
    const mayRepeat = result.kind === 'unknown' ? planned.keyed : result.kind !== 'refused';
    if (!mayRepeat) return undefined;
    const retryAfterMs = 'retryAfterMs' in result ? result.retryAfterMs : undefined;
    await sleep(retryAfterMs ?? pauseMs, signal);
    if (signal.aborted) return undefined;
  }
}

/** Asks for a task until it is final, at longer and longer intervals. */
async function follow(
  task: TaskRecord,
  { http, now, signal }: ClientOptions,
  leastPauseMs: () => number,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  const isKnown = () => task.told !== undefined;
  while (!isKnown() && !signal.aborted) {
    const seen = await fetchTask(http, task.taskId);
    if (seen.status === 'missing') task.missing += 1;
    if ('taskId' in seen) recordSighting(task, { ...stateOf(seen), atMs: now(), by: 'poll' });
    else if (seen.retryAfterMs !== undefined) pauseMs = seen.retryAfterMs;
    if (isKnown()) return;
    await sleep(Math.max(pauseMs, leastPauseMs()), signal);
    pauseMs = Math.min(1.5 * pauseMs, MAX_POLL_PAUSE_MS);
  }
}

/** Asks a few once more: what clients were told must still stand, and a key must still stand for the same tasks. */
export async function verifyAgain(
  records: readonly RequestRecord[],
  limit: number,
  options: Pick<ClientOptions, 'http' | 'now' | 'waitMs'>,
): Promise<readonly KeyRepeat[]> {
  const done = records.filter(({ doneAtMs }) => doneAtMs !== undefined);
  const step = Math.max(1, Math.floor(done.length / limit));
  const some = done.filter((_, index) => index % step === 0).slice(0, limit);
  const repeats = some.filter(({ planned }) => planned.keyed).map((record) => repeatKey(record, options));
  await Promise.all(some.flatMap(({ tasks }) => tasks).map((task) => pollOnceMore(task, options)));
  return Promise.all(repeats);
}

export interface KeyRepeat {
  readonly requestId: string;
  readonly before: readonly string[];
  /** Nothing where the repetition was not answered. */
  readonly after: readonly string[] | undefined;
}

async function repeatKey(
  { planned, requestId, tasks }: RequestRecord,
  { http, waitMs: clientsWaitMs }: Pick<ClientOptions, 'http' | 'waitMs'>,
): Promise<KeyRepeat> {
  const result = await attempt(http, planned, { requestId, waitMs: clientsWaitMs });
  const after = result.kind === 'accepted' ? result.tasks.map(({ taskId }) => taskId) : undefined;
  return { requestId, before: tasks.map(({ taskId }) => taskId), after };
}

async function pollOnceMore(
  task: TaskRecord,
  { http, now }: Pick<ClientOptions, 'http' | 'now'>,
): Promise<void> {
  const seen = await fetchTask(http, task.taskId);
  if (seen.status === 'missing') task.missing += 1;
  if ('taskId' in seen && isFinalSighting(seen))
    recordSighting(task, { ...stateOf(seen), atMs: now(), by: 'again' });
}

function stateOf({ status, label, score }: SeenTask) {
  return { status, label, score };
}
