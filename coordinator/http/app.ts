/** The HTTP interface of the coordinator. */
import express, { type Express } from 'express';
import { bearerCheck } from '../../contracts/http/bearer.js';
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { Logger } from '../../contracts/system/logger.js';
import { dashboardRoutes } from '../dashboard/dashboard-routes.js';
import type { Coordinator } from '../coordinator.js';
import type { BatchTimeouts } from '../ledger/rewrite-batch.js';
import type { StatsViewPorts } from '../stats/stats-view.js';
import type { WorkerPorts } from '../workers/read-workers.js';
import type { RequestGuard } from '../../contracts/http/request-guard.js';
import { guardRequests } from '../../infra/http/guard-requests.js';
import { requireBearer } from '../../infra/http/require-bearer.js';
import { deadLetterRoutes } from './dead-letter-routes.js';
import { earlyRefusal } from './early-refusal.js';
import { eventRoutes } from './event-routes.js';
import { healthRoutes, type HealthPorts } from './health-routes.js';
import { inferRoute } from './infer-route.js';
import { jsonBody } from './json-body.js';
import { metricsRoute } from '../metrics/metrics-route.js';
import type { Metrics } from '../metrics/metrics.js';
import { openapiRoutes } from './openapi/openapi-routes.js';
import { problemHandler } from './problem.js';
import { requestId } from './request-id.js';
import { statsRoute } from './stats-route.js';
import type { Stopping } from './stopping.js';
import { TaskLists } from './task-lists.js';
import { taskRoutes } from './task-routes.js';
import { heartbeatRoute, workerRoutes } from './worker-routes.js';

/** Paths to which another site may link: they reveal nothing and change nothing. */
export const PAGES = ['/', '/docs', '/docs/'];
/** Load balancers know the address of these paths but no host name. */
export const ANY_HOST_PATHS = ['/healthz'];
/** The answer to a request without the key. */
const SEND_KEY = 'send Authorization: Bearer KEY';

export interface AppPorts {
  readonly coordinator: Coordinator;
  readonly health: HealthPorts;
  readonly workers: WorkerPorts;
  readonly stats: StatsViewPorts;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface AppOptions {
  readonly timeouts: BatchTimeouts;
  /** The key that clients must send. Without it everyone has access. */
  readonly apiKey: string | undefined;
  readonly workerToken: string;
  readonly guard: RequestGuard;
}

export function createApp(ports: AppPorts, options: AppOptions, stopping: Stopping): Express {
  const { coordinator } = ports;
  const { clock } = ports.stats;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestId, guardRequests(options.guard));
  // The busiest route comes first, because Express tries the routes in order.
  app.post(
    '/infer',
    requireBearer(options.apiKey, SEND_KEY),
    earlyRefusal(coordinator),
    ...jsonBody,
    inferRoute(coordinator, stopping),
  );
  app.all('/infer', (_request, response) => {
    response.setHeader('Allow', 'POST');
    throw new BoomerangError('method_not_allowed', 'send POST');
  });
  app.use(
    healthRoutes(
      ports.health,
      options.apiKey === undefined ? () => true : bearerCheck(options.apiKey),
      stopping.refusing,
    ),
  );
  app.use(openapiRoutes());
  app.use(heartbeatRoute(coordinator.heartbeats, requireBearer(options.workerToken, SEND_KEY)));
  app.use(dashboardRoutes());
  app.use(requireBearer(options.apiKey, SEND_KEY));
  app.use(eventRoutes(ports, options.timeouts, stopping));
  const lists = new TaskLists(coordinator, clock);
  app.use(taskRoutes(coordinator, clock, lists));
  app.use(deadLetterRoutes(coordinator, stopping, lists));
  app.use(workerRoutes(ports.workers));
  app.use(statsRoute(ports.stats, options.timeouts.visibilityTimeoutMs));
  app.get('/metrics', metricsRoute(ports.metrics, clock));
  app.use((request) => {
    throw new BoomerangError('not_found', `${request.method} ${request.path} is not served here`);
  });
  app.use(problemHandler(ports.logger));
  return app;
}
