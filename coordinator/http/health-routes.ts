/** `GET /healthz`: alive. `GET /readyz`: ready to accept, which takes the stack and at least one worker. */
import { Router } from 'express';
import type { BatchQueue, Clock, WorkerStore } from '../../contracts/ports.js';
import { StackRefusedError, StackThrottledError } from '../../contracts/errors.js';
import { describeRefusal } from '../../contracts/stack-refusal.js';
import { messageOf } from '../../contracts/text.js';
import type { StackRefusals } from '../measures/stack-refusals.js';
import type { WorkerRegistry } from '../workers/registry.js';
import { inTime } from './in-time.js';
import { sendJson } from './send-json.js';
import { SharedReading } from './shared-reading.js';

export interface HealthPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly workers: WorkerStore;
  readonly registry: WorkerRegistry;
  /** What is refused of calls that are made elsewhere. */
  readonly refusals: Pick<StackRefusals, 'reasons'>;
}

export function healthRoutes(ports: HealthPorts, stopping: AbortSignal): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    sendJson(response, 200, { status: 'ok' });
  });
  const readiness = new SharedReading(ports.clock, () => unreadiness(ports, stopping));
  router.get('/readyz', async (_request, response) => {
    const reasons = await readiness.get();
    sendJson(response, reasons.length === 0 ? 200 : 503, {
      status: reasons.length === 0 ? 'ready' : 'not ready',
      workersUp: ports.registry.upCount(),
      reasons,
    });
  });
  return router;
}

async function unreadiness(ports: HealthPorts, stopping: AbortSignal): Promise<string[]> {
  const reasons: string[] = [];
  if (stopping.aborted) reasons.push('the coordinator is stopping');
  if (ports.registry.upCount() === 0) reasons.push('no worker is up');
  const readings = await Promise.allSettled([
    inTime(ports.clock, ports.queue.depth()),
    inTime(ports.clock, ports.workers.list()),
  ]);
  for (const read of readings) if (read.status === 'rejected') reasons.push(...troubleOf(read.reason));
  reasons.push(...ports.refusals.reasons());
  return [...new Set(reasons)];
}

/** A stack that is busy is there. What it refuses is said without the account's number, which its own message holds. */
function troubleOf(error: unknown): string[] {
  if (error instanceof StackThrottledError) return [];
  return [error instanceof StackRefusedError ? describeRefusal(error.refusal) : messageOf(error)];
}
