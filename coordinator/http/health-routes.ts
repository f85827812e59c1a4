/** `GET /healthz`: alive. `GET /readyz`: ready to accept, which takes the stack and at least one worker. */
import { Router } from 'express';
import type { SecretCheck } from '../../contracts/http/bearer.js';
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { WorkerStore } from '../../contracts/stack/stores.js';
import {
  StackRefusedError,
  StackThrottledError,
  StackUnavailableError,
} from '../../contracts/errors/errors.js';
import { describeRefusal } from '../../contracts/errors/stack-refusal.js';
import { messageOf } from '../../contracts/common/text.js';
import type { StackRefusals } from '../measures/stack-refusals.js';
import type { WorkerRegistry } from '../workers/registry.js';
import { readInTime } from '../async/read-in-time.js';
import { sendJson } from '../../infra/http/send-json.js';
import { SharedReading } from '../async/shared-reading.js';

export interface HealthPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly workers: WorkerStore;
  readonly registry: WorkerRegistry;
  /** Refusals of calls that are made elsewhere. */
  readonly refusals: Pick<StackRefusals, 'reasons'>;
}

/** @param isAuthorized who is told where things are and what they said; whoever asks is told the reasons */
export function healthRoutes(ports: HealthPorts, isAuthorized: SecretCheck, stopping: AbortSignal): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    sendJson(response, 200, { status: 'ok' });
  });
  const readiness = new SharedReading(ports.clock, () => readinessProblems(ports, stopping));
  router.get('/readyz', async (request, response) => {
    const describe = isAuthorized(request.headers.authorization) ? fullReason : publicReason;
    const reasons = [...new Set((await readiness.get()).map(describe))];
    sendJson(response, reasons.length === 0 ? 200 : 503, {
      status: reasons.length === 0 ? 'ready' : 'not ready',
      workersUp: ports.registry.upCount(),
      reasons,
    });
  });
  return router;
}

/** @returns what is said to everybody, and errors that are not */
async function readinessProblems(ports: HealthPorts, stopping: AbortSignal): Promise<readonly unknown[]> {
  const reasons: unknown[] = [];
  if (stopping.aborted) reasons.push('the coordinator is stopping');
  if (ports.registry.upCount() === 0) reasons.push('no worker is up');
  const readings = await Promise.allSettled([
    readInTime(ports.clock, ports.queue.depth()),
    readInTime(ports.clock, ports.workers.list()),
  ]);
  for (const read of readings) {
    // A stack that is busy is there.
    if (read.status === 'rejected' && !(read.reason instanceof StackThrottledError))
      reasons.push(read.reason);
  }
  return [...reasons, ...ports.refusals.reasons()];
}

/** For whoever has the key. What a stack refuses is said without the account's number, which its own message holds. */
function fullReason(error: unknown): string {
  return error instanceof StackRefusedError ? describeRefusal(error.refusal) : messageOf(error);
}

/** An SDK's error names hosts, addresses and ids; what was asked of the stack is in our own words. */
function publicReason(error: unknown): string {
  if (typeof error === 'string' || error instanceof StackRefusedError) return fullReason(error);
  return error instanceof StackUnavailableError ? `${error.operation} failed` : 'the stack cannot be read';
}
