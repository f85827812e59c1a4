/**
 * One invoke: some open tasks of a batch at one worker. A refused connection is no failure of the delivery: the next
 * worker is tried. An invoke that outlasts its time frees its slot and counts as failed, but the exchange stays open,
 * and an answer that still comes is handed on.
 */
import type { BatchDocument, InvokeRecord, TaskError } from '../../contracts/batch/batch.js';
import type { UncommittedOutcome, TaskOutcome } from '../batch/commit-delivery.js';
import { boundedError } from '../batch/bounded-error.js';
import { InvokeFailedError, WorkerUnreachableError } from '../../contracts/errors/errors.js';
import { parseTaskId, taskIdOf } from '../../contracts/batch/ids.js';
import { MISSING_OUTCOME, type InvokeRequest, type InvokeResponse } from '../../contracts/worker/invoke.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { FunctionClient } from '../../contracts/worker/function-client.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import { isWorkerDeath } from '../batch/worker-death.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import { judgeInvoke } from '../workers/judge-invoke.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Traces } from '../tracing/traces.js';
import type { WorkerRegistry } from '../workers/registry.js';
import type { OccupiedSlot, Slots } from '../workers/slots.js';
import { explainingFault } from './explaining-fault.js';

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
  /** How long an exchange stays open. */
  readonly exchangeMs: number;
}

/** What is known of an invoke when it has ended one way or the other. */
export interface InvokeResult {
  readonly record: InvokeRecord;
  readonly news: Omit<UncommittedOutcome, 'index'>;
}

export interface Invoke {
  readonly batch: BatchDocument;
  readonly delivery: number;
  readonly slots: readonly number[];
  /** Workers to be chosen only if there is no other. */
  readonly avoid: ReadonlySet<string>;
  /** Workers that hold a task of this batch right now; the chosen one is added. */
  readonly taken: Set<string>;
  /** Keep a reservation for the next invoke of the same delivery. */
  readonly keepReservation: boolean;
  /** Of the delivery. */
  readonly traceparent?: string | undefined;
  readonly onStart: (record: InvokeRecord) => void;
  /** Called when the time is up: resolves when the exchange has ended, with what came of it after all. */
  readonly onTimeUp: (workerId: string, late: Promise<InvokeResult | undefined>) => void;
}

/** @returns `undefined` where no worker could be reached; the reservation is then still held. */
export async function invokeTasks(
  ports: InvokePorts,
  options: InvokeOptions,
  invoke: Invoke,
): Promise<InvokeResult | undefined> {
  for (;;) {
    const slot = ports.slots.occupy(invoke.avoid, invoke.taken);
    if (slot === undefined) return undefined;
    invoke.taken.add(slot.worker.id);
    try {
      const startedAt = ports.clock.monotonic();
      const result = await exchange(ports, options, invoke, slot);
      judge(ports, invoke, startedAt, result);
      if (invoke.keepReservation) slot.exchange();
      else slot.vacate();
      return result;
    } catch (error) {
      slot.exchange();
      invoke.taken.delete(slot.worker.id);
      if (!(error instanceof WorkerUnreachableError)) throw error;
      ports.registry.recordRefusedConnection(slot.worker.id);
      ports.logger.warn({ workerId: slot.worker.id, error: messageOf(error) }, 'worker.refused');
    }
  }
}

function judge(
  ports: InvokePorts,
  { batch }: Invoke,
  startedAt: number,
  { record, news }: InvokeResult,
): void {
  const { workerId, error } = record;
  judgeInvoke(ports, { workerId, batch, startedAt, outcomes: [...news.outcomes.values()], error });
}

async function exchange(
  ports: InvokePorts,
  options: InvokeOptions,
  invoke: Invoke,
  { worker }: OccupiedSlot,
): Promise<InvokeResult> {
  const ending = new AbortController();
  const announced: string[] = [];
  const started: InvokeRecord = {
    workerId: worker.id,
    taskIndexes: invoke.slots,
    startedAtMs: ports.clock.now(),
  };
  const ended = (error?: TaskError): InvokeRecord => {
    const fault = explainingFault(announced, error?.code);
    return { ...started, endedAtMs: ports.clock.now(), ...(fault === undefined ? {} : { fault }) };
  };
  const failed = (error: TaskError): InvokeResult => failure(invoke, ended(error), error);
  invoke.onStart(started);
  const span = ports.traces?.invoke(worker.id, invoke.slots.length, invoke.traceparent);
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
        return { record: ended(), news: newsOf(ports, invoke, response) };
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
  const cancelEnd = ports.clock.timer(options.exchangeMs - options.invokeTimeoutMs, () => ending.abort());
  const late = answer
    .then((result) => (isNews(ports, invoke, result, ending.signal) ? result : undefined))
    .catch(() => undefined)
    .finally(cancelEnd);
  invoke.onTimeUp(worker.id, late);
  return failed({ code: INVOKE_TIMEOUT, message: `no answer within ${options.invokeTimeoutMs} ms` });
}

/** Whether it says more than that the time was up: an answer, or the end of a worker that was still at it. */
function isNews(
  { registry }: InvokePorts,
  { batch }: Invoke,
  { record: { workerId, error } }: InvokeResult,
  ending: AbortSignal,
): boolean {
  if (error === undefined) return true;
  return !ending.aborted && isWorkerDeath(error.code) && registry.isComputing(workerId, batch.id);
}

function requestOf({ ledger }: InvokePorts, { batch, delivery, slots }: Invoke): InvokeRequest {
  return {
    batchId: batch.id,
    batchNumber: batch.batchNumber,
    delivery,
    tasks: slots.flatMap((slot) => {
      const input = batch.inputs[slot];
      if (input === undefined) return [];
      const { text, deadlineAtMs, requestId } = input;
      const timeLeftMs = Math.max(0, ledger.deadlines.leftMs(batch, slot));
      const deadline =
        deadlineAtMs === undefined ? {} : { timeLeftMs, deadlineAt: new Date(deadlineAtMs).toISOString() };
      return [{ taskId: taskIdOf(batch.id, slot), text, ...deadline, requestId }];
    }),
  };
}

/** The first outcome of each task that was asked for; whatever else the answer holds is counted and dropped. */
function newsOf(
  { ledger, stats }: InvokePorts,
  { batch, slots }: Invoke,
  response: InvokeResponse,
): Omit<UncommittedOutcome, 'index'> {
  const outcomes = new Map<number, TaskOutcome>();
  let unexpected = 0;
  for (const outcome of response.outcomes) {
    const { batchId, taskIndex } = parseTaskId(outcome.taskId) ?? { batchId: undefined, taskIndex: -1 };
    if (batchId !== batch.id || !slots.includes(taskIndex) || outcomes.has(taskIndex)) {
      unexpected += 1;
      continue;
    }
    if (outcome.status === 'expired' && ledger.deadlines.leftMs(batch, taskIndex) > TOO_EARLY_MS) continue;
    const { taskId: _taskId, ...rest } = outcome;
    outcomes.set(taskIndex, rest.status === 'failed' ? failedOutcome(batch, rest, rest.retryable) : rest);
  }
  if (unexpected > 0) stats.count('unexpectedOutcomes', unexpected);
  const missing = failedOutcome(
    batch,
    { code: MISSING_OUTCOME, message: 'the worker said nothing of this task' },
    true,
  );
  for (const slot of slots) if (!outcomes.has(slot)) outcomes.set(slot, missing);
  return { outcomes, computeMs: response.timings.computeMs };
}

function failure({ batch, slots }: Invoke, record: InvokeRecord, error: TaskError): InvokeResult {
  const outcome = failedOutcome(batch, error, true);
  return {
    record: { ...record, error: outcome.error },
    news: { outcomes: new Map(slots.map((slot) => [slot, outcome])), computeMs: 0 },
  };
}

function failedOutcome({ tasks: slots }: BatchDocument, { code, message }: TaskError, retryable: boolean) {
  return { status: 'failed', error: boundedError({ code, message }, slots.length), retryable } as const;
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
