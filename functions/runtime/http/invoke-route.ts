/** `POST /invoke`: decides on a fault, waits for a turn of the model, and answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestHandler, Response } from 'express';
import {
  invokeRequestSchema,
  type InvokeRequest,
  type InvokeResponse,
} from '../../../contracts/worker/invoke.js';
import type { Clock } from '../../../contracts/system/clock.js';
import type { Logger } from '../../../contracts/system/logger.js';
import type { Tracer } from '../../../contracts/system/tracing.js';
import { announceFault } from './announce-fault.js';
import type { FaultDecision } from '../faults/fault-plan.js';
import { endInvoke, isFunctionFault, runsInvoke, type RunningFault } from './inject-fault.js';
import type { InvokeRunner } from '../worker/invoke-runner.js';
import type { LiveFaults } from '../faults/live-faults.js';
import { traceInvoke } from '../worker/trace-invoke.js';
import type { WorkerLoad } from '../worker/worker-load.js';
import { parseInput } from '../../../infra/http/problem.js';

export interface InvokeRouteParts {
  readonly workerId: string;
  readonly faults: LiveFaults;
  readonly runner: InvokeRunner;
  readonly load: WorkerLoad;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the process at once, as if the machine failed. */
  readonly crash: () => void;
  /** Absent without tracing. */
  readonly tracer?: Tracer | undefined;
}

export function invokeRoute(parts: InvokeRouteParts): RequestHandler {
  return async (request, response) => {
    const startedAtMs = parts.clock.monotonic();
    const elapsedMs = (): number => parts.clock.monotonic() - startedAtMs;
    const invoke = parseInput(invokeRequestSchema, request.body);
    const decision = parts.faults.decide(invoke);
    const traced = parts.tracer && traceInvoke(parts.tracer, parts.clock, request, response, invoke);
    if (decision.fault !== undefined) traced?.recordFault(decision.fault.kind);
    await announce(parts, invoke, decision, response);
    const { delayMs, fault } = decision;
    const closed = untilClosed(response);
    if (fault !== undefined && !runsInvoke(fault)) {
      parts.load.countFailed(invoke.tasks.length);
      if (fault.kind === 'hang') return; // never answers, and a stop does not wait for it
      await parts.load.trackInFlight(async () => {
        await wait(delayMs);
        endInvoke(fault, response, parts.crash);
        await closed;
      }, closed);
      return;
    }
    await parts.load.trackComputing(
      invoke.batchId,
      async () => {
        await wait(delayMs);
        const answer = await run(parts, invoke, fault, response, elapsedMs);
        if (answer !== undefined) traced?.recordRun(answer.timings);
        if (fault?.kind === 'late') void sendLate(response, answer, fault.lateMs - elapsedMs());
        else await send(response, answer);
      },
      closed,
    );
  };
}

/** Announces once per invoke. If it is delayed and meets a fault as well, the history shows the fault and the log both. */
async function announce(
  { workerId, load, logger }: InvokeRouteParts,
  { batchId, delivery }: InvokeRequest,
  { delayMs, fault }: FaultDecision,
  response: Response,
): Promise<void> {
  const kinds = [...(fault === undefined ? [] : [fault.kind]), ...(delayMs > 0 ? (['delay'] as const) : [])];
  for (const kind of kinds) {
    const details = kind === 'delay' ? { delayMs: Math.round(delayMs) } : {};
    load.countInjected(kind);
    logger.info({ batchId, delivery, kind, workerId, ...details }, 'fault.injected');
  }
  if (kinds.length > 0) await announceFault(response, kinds);
}

async function run(
  { workerId, runner, load, logger }: InvokeRouteParts,
  { batchId, delivery, tasks }: InvokeRequest,
  fault: RunningFault | undefined,
  response: Response,
  elapsedMs: () => number,
): Promise<InvokeResponse | undefined> {
  const result = await runner.run({
    tasks,
    ...(fault?.kind === 'partial' && { failingTaskIds: fault.failingTaskIds }),
    fault: fault !== undefined && isFunctionFault(fault.kind) ? fault.kind : undefined,
    isAbandoned: () => response.destroyed,
    elapsedMs,
    onFailure: ({ code, message, functionStack }, failed) => {
      const requestIds = [...new Set(tasks.flatMap(({ requestId }) => requestId ?? []))];
      const names = { workerId, batchId, delivery, ...(requestIds.length > 0 && { requestIds }) };
      logger.error({ ...names, code, message, tasks: failed, stack: functionStack }, 'function.run_failed');
    },
  });
  if (result === undefined) return undefined;
  const { outcomes, ...timings } = result;
  load.countOutcomes(outcomes);
  load.countCompute(timings.computeMs);
  return { workerId, outcomes, timings: { ...timings, totalMs: elapsedMs() } };
}

/** Not counted as in flight, so that a worker does not wait for it when it stops. */
async function sendLate(
  response: Response,
  answer: InvokeResponse | undefined,
  delayMs: number,
): Promise<void> {
  await wait(delayMs);
  await send(response, answer);
}

async function send(response: Response, answer: InvokeResponse | undefined): Promise<void> {
  if (answer === undefined || response.closed) return;
  response.json(answer);
  await untilClosed(response);
}

/** Resolves when the connection is done with this response, answered or not. */
function untilClosed(response: Response): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed) resolve();
    else response.once('close', resolve);
  });
}

async function wait(durationMs: number): Promise<void> {
  if (durationMs > 0) await sleep(durationMs);
}
