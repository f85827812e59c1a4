/** A coordinator on memory ports behind its real HTTP interface, on a random port. */
import { setMaxListeners } from 'node:events';
import { createRequestGuard } from '../../contracts/http/request-guard.js';
import { ANY_HOST_PATHS, createApp, PAGES } from '../../coordinator/http/app.js';
import { createMetrics } from '../../coordinator/metrics/metrics.js';
import { serve } from '../../coordinator/http/serve.js';
import { SdkCalls } from '../../coordinator/measures/sdk-calls.js';
import { guardConnections } from '../../infra/process/connection-guard.js';
import { StackRefusals } from '../../coordinator/measures/stack-refusals.js';
import { systemClock } from './run-coordinator.js';
import { startCoordinator, type Setup } from './running-coordinator.js';

export interface HttpSetup extends Setup {
  readonly apiKey?: string;
  readonly allowedHosts?: readonly string[];
  /** A free one where none is said. */
  readonly port?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, checked by the test that reads it. */
  readonly body: unknown;
}

export const WORKER_TOKEN = 'token-of-the-workers';

export type HttpCoordinator = Awaited<ReturnType<typeof startHttpCoordinator>>;

export async function startHttpCoordinator(setup: HttpSetup = {}) {
  const running = await startCoordinator(setup);
  const refusing = new AbortController();
  const waitingOver = new AbortController();
  setMaxListeners(0, waitingOver.signal); // one for each waiting client, as in main.ts
  const { coordinator, queue, batches, workers, statistics, logger } = running;
  const clock = systemClock;
  const timeouts = {
    visibilityTimeoutMs: running.options.visibilityTimeoutMs,
    retentionMs: running.options.retentionMs,
  };
  const sdkCalls = new SdkCalls();
  const refusals = new StackRefusals(clock, logger);
  const metrics = createMetrics({ clock, queue, batches, coordinator, sdkCalls, ofProcess: false }, timeouts);
  const guard = createRequestGuard({
    host: '127.0.0.1',
    allowedHosts: setup.allowedHosts ?? [],
    ownNames: () => [],
    pages: PAGES,
    anyHostPaths: ANY_HOST_PATHS,
  });
  const app = createApp(
    {
      coordinator,
      health: { clock, queue, workers, registry: coordinator.registry, refusals },
      workers: { clock, workers, sightings: coordinator.heartbeats.sightings },
      stats: { clock, queue, batches, stats: statistics },
      metrics,
      logger,
    },
    { timeouts, apiKey: setup.apiKey, workerToken: WORKER_TOKEN, guard },
    { refusing: refusing.signal, waitingOver: waitingOver.signal },
  );
  const server = await serve(app, {
    host: '127.0.0.1',
    port: setup.port ?? 0,
    prepare: (http) => guardConnections(http, { logger }),
  });

  const call = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    ...running,
    url: server.url,
    app,
    sdkCalls,
    refusals,
    refusing,
    waitingOver,
    call,
    post: (body: unknown, headers: Record<string, string> = {}) =>
      call('/infer', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    stop: async () => {
      await running.stop();
      waitingOver.abort();
      await server.close();
    },
  };
}
