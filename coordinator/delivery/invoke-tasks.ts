/**
 * One invoke: some open tasks of a batch at one worker. A refused connection is no failure of the delivery: the next
 * worker is tried. An invoke that outlasts its time frees its slot and counts as failed, but the call stays open, and an
 * answer that still comes is handed on.
 */
import type { BatchDocument, EndedInvoke, RunningInvoke, TaskError } from '../../contracts/batch/batch.js';
import type { TaskOutcome, UncommittedOutcome } from '../batch/commit-delivery.js';
import { boundedError } from '../batch/bounded-error.js';
import { InvokeFailedError, WorkerUnreachableError } from '../../contracts/errors/errors.js';
import { parseTaskId, taskIdOf } from '../../contracts/batch/ids.js';
import { MISSING_OUTCOME, type InvokeRequest, type InvokeResponse } from '../../contracts/worker/invoke.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { FunctionClient, WorkerAddress } from '../../contracts/worker/function-client.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import { isWorkerDeath } from '../batch/worker-death.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import { judgeInvoke } from '../workers/judge-invoke.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Traces } from '../tracing/traces.js';
import type { WorkerRegistry } from '../workers/registry.js';
import type { Reservation } from '../workers/reservation.js';
import type { Slots } from '../workers/slots.js';
import { explainingFault } from './explaining-fault.js';
import type { InvokeResult, TimedOutInvoke } from './invoke-result.js';

/** A worker that says so earlier goes by a wall clock, and that is another: it has no say in what is past its deadline. */
const TOO_EARLY_MS = 20;

export const INVOKE_TIMEOUT = 'invoke_timeout';

export interface InvokePorts {
  readonly clock: Clock;
  readonly functions: FunctionClient;
  readonly ledger: Ledger;
  readonly registry: WorkerRegistry;
  readonly slots: Slots;
  readonly stats: StatsRecorder;
  readonly measures: Measures;
  readonly traces?: Traces | undefined;
  readonly logger: Logger;
}

export interface InvokeOptions {
  readonly invokeTimeoutMs: number;
  /** How long a call stays open. */
  readonly callMs: number;
}

export interface Invoke {
  readonly batch: BatchDocument;
  readonly delivery: number;
  readonly taskIndexes: readonly number[];
  /** Workers to be chosen only if there is no other. */
  readonly avoid: ReadonlySet<string>;
  /** Workers that hold a task of this batch right now; the chosen one is added. */
  readonly taken: Set<string>;
  /** Reserved; it is released with the end of the invoke unless it is kept. */
  readonly reservation: Reservation;
  /** Whether another invoke of the same delivery follows in the same slot. */
  readonly keepsReservation: boolean;
  /** Whether its delivery still goes on: where not, no worker is tried. */
  readonly mayStart: () => boolean;
  /** The number of the delivery. */
  readonly traceparent?: string | undefined;
  readonly onStart: (record: RunningInvoke) => void;
}

/** @returns `undefined` where no worker could be reached; the reservation is then still there. */
export async function invokeTasks(
  ports: InvokePorts,
  options: InvokeOptions,
  invoke: Invoke,
): Promise<InvokeResult | TimedOutInvoke | undefined> {
  const { reservation, taken } = invoke;
  while (invoke.mayStart()) {
    const worker = reservation.occupy(invoke.avoid, taken);
    if (worker === undefined) return undefined;
    taken.add(worker.id);
    let result: InvokeResult | TimedOutInvoke;
    try {
      const startedAt = ports.clock.monotonic();
      result = await callWorker(ports, options, invoke, worker);
      judge(ports, invoke, startedAt, result);
    } catch (error) {
      reservation.vacate();
      taken.delete(worker.id);
      if (!(error instanceof WorkerUnreachableError)) throw error;
      ports.registry.recordRefusedConnection(worker.id);
      ports.logger.warn({ workerId: worker.id, error: messageOf(error) }, 'worker.refused');
      continue;
    }
    if (invoke.keepsReservation) reservation.vacate();
    else reservation.release();
    return result;
  }
  return undefined;
}

function judge(
  ports: InvokePorts,
  { batch }: Invoke,
  startedAt: number,
  { record, outcome }: InvokeResult,
): void {
  const { workerId, error } = record;
  judgeInvoke(ports, { workerId, batch, startedAt, outcomes: [...outcome.outcomes.values()], error });
}

async function callWorker(
  ports: InvokePorts,
  options: InvokeOptions,
  invoke: Invoke,
  worker: WorkerAddress,
): Promise<InvokeResult | TimedOutInvoke> {
  const ending = new AbortController();
  const announced: string[] = [];
  const started: RunningInvoke = {
    workerId: worker.id,
    taskIndexes: invoke.taskIndexes,
    startedAtMs: ports.clock.now(),
  };
  const ended = (error?: TaskError): EndedInvoke => {
    const fault = explainingFault(announced, error?.code);
    return { ...started, endedAtMs: ports.clock.now(), ...(fault === undefined ? {} : { fault }) };
  };
  const failed = (error: TaskError): InvokeResult => failure(invoke, ended(error), error);
  invoke.onStart(started);
  const span = ports.traces?.invoke(worker.id, invoke.taskIndexes.length, invoke.traceparent);
  const onFault = (kind: string): void => {
    announced.push(kind);
    span?.set({ 'boomerang.fault': announced.join(',') });
    ports.measures.recordFault(kind);
    ports.stats.count(`faults.${kind}`);
  };
  const answer = ports.functions
    .invoke(worker, requestOf(ports, invoke), {
      signal: ending.signal,
      onFault,
      traceparent: span?.traceparent,
    })
    .then(
      (response): InvokeResult => {
        span?.end();
        ports.measures.recordInvokeTimings(response.timings);
        return { record: ended(), outcome: outcomesOf(ports, invoke, response) };
      },
      (error: unknown): InvokeResult => {
        span?.fail(messageOf(error));
        span?.end();
        if (error instanceof WorkerUnreachableError) throw error;
        return failed(errorOf(error));
      },
    );

  const first = await withinTime(ports.clock, answer, options.invokeTimeoutMs);
  if (first !== undefined) return first;
  const cancelEnd = ports.clock.timer(options.callMs - options.invokeTimeoutMs, () => ending.abort());
  const late = answer
    .then((result) => (saysMore(ports, invoke, result, ending.signal) ? result : undefined))
    .catch(() => undefined)
    .finally(cancelEnd);
  const timeUp = failed({ code: INVOKE_TIMEOUT, message: `no answer within ${options.invokeTimeoutMs} ms` });
  return { ...timeUp, late };
}

/** Whether it says more than that the time was up: an answer, or the end of a worker that was still at it. */
function saysMore(
  { registry }: InvokePorts,
  { batch }: Invoke,
  { record: { workerId, error } }: InvokeResult,
  ending: AbortSignal,
): boolean {
  if (error === undefined) return true;
  return !ending.aborted && isWorkerDeath(error.code) && registry.isComputing(workerId, batch.id);
}

function requestOf({ ledger }: InvokePorts, { batch, delivery, taskIndexes }: Invoke): InvokeRequest {
  return {
    batchId: batch.id,
    batchNumber: batch.batchNumber,
    delivery,
    tasks: taskIndexes.flatMap((index) => {
      const input = batch.inputs[index];
      if (input === undefined) return [];
      const { text, deadlineAtMs, requestId } = input;
      const timeLeftMs = Math.max(0, ledger.deadlines.leftMs(batch, index));
      const deadline =
        deadlineAtMs === undefined ? {} : { timeLeftMs, deadlineAt: new Date(deadlineAtMs).toISOString() };
      return [{ taskId: taskIdOf(batch.id, index), text, ...deadline, requestId }];
    }),
  };
}

/** The first outcome of each task that was asked for; whatever else the answer holds is counted and dropped. */
function outcomesOf(
  { ledger, stats }: InvokePorts,
  { batch, taskIndexes }: Invoke,
  response: InvokeResponse,
): Omit<UncommittedOutcome, 'index'> {
  const outcomes = new Map<number, TaskOutcome>();
  let unexpected = 0;
  for (const outcome of response.outcomes) {
    const { batchId, taskIndex: index } = parseTaskId(outcome.taskId) ?? {
      batchId: undefined,
      taskIndex: -1,
    };
    if (batchId !== batch.id || !taskIndexes.includes(index) || outcomes.has(index)) {
      unexpected += 1;
      continue;
    }
    if (outcome.status === 'expired' && ledger.deadlines.leftMs(batch, index) > TOO_EARLY_MS) continue;
    const { taskId: _taskId, ...rest } = outcome;
    outcomes.set(index, rest.status === 'failed' ? failedOutcome(batch, rest, rest.retryable) : rest);
  }
  if (unexpected > 0) stats.count('unexpectedOutcomes', unexpected);
  const missing = failedOutcome(
    batch,
    { code: MISSING_OUTCOME, message: 'the worker said nothing of this task' },
    true,
  );
  for (const index of taskIndexes) if (!outcomes.has(index)) outcomes.set(index, missing);
  return { outcomes, computeMs: response.timings.computeMs };
}

function failure({ batch, taskIndexes }: Invoke, record: EndedInvoke, error: TaskError): InvokeResult {
  const outcome = failedOutcome(batch, error, true);
  return {
    record: { ...record, error: outcome.error },
    outcome: { outcomes: new Map(taskIndexes.map((index) => [index, outcome])), computeMs: 0 },
  };
}

function failedOutcome({ tasks }: BatchDocument, { code, message }: TaskError, retryable: boolean) {
  return { status: 'failed', error: boundedError({ code, message }, tasks.length), retryable } as const;
}

function errorOf(error: unknown): TaskError {
  const code = error instanceof InvokeFailedError ? error.code : 'invoke_failed';
  return { code, message: messageOf(error) };
}

/** The promise's value, or `undefined` once the time is up. */
async function withinTime<T>(clock: Clock, promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let cancel: () => void = () => undefined;
  const timeUp = new Promise<undefined>(
    (resolve) => (cancel = clock.timer(timeoutMs, () => resolve(undefined))),
  );
  try {
    return await Promise.race([promise, timeUp]);
  } finally {
    cancel();
  }
}
