import express, { type Express } from 'express';
import { UNRESPONSIVE_AFTER_MS } from '../../../contracts/worker/worker.js';
import type { FunctionCondition, ModelHost } from '../host/model-host.js';
import type { RequestGuard } from '../../../contracts/http/request-guard.js';
import { faultsRoutes } from './faults-routes.js';
import { guardRequests } from '../../../infra/http/guard-requests.js';
import { requireBearer } from '../../../infra/http/require-bearer.js';
import { invokeRoute, type InvokeRouteParts } from './invoke-route.js';
import { jsonBody } from './json-body.js';
import { problemHandler, refuseUnknownRoute } from './problem.js';

/** The answer to a request without the token. */
const SEND_TOKEN = 'this needs the token that coordinator and workers share';

export interface AppParts extends InvokeRouteParts {
  readonly token: string;
  readonly host: Pick<ModelHost, 'model' | 'condition'>;
  readonly guard: RequestGuard;
}

export function createApp(parts: AppParts): Express {
  const { workerId, token, guard, host, load, faults, logger } = parts;
  return express()
    .disable('x-powered-by')
    .disable('etag')
    .use(guardRequests(guard))
    .get('/healthz', ({ headers }, response) => {
      const { status, unresponsiveMs } = healthOf(host.condition());
      const report = { status, unresponsiveMs, workerId, model: host.model, ...load.report() };
      // The probe of a load balancer knows no host name and needs no report. A page at a foreign name must not get one.
      response.status(status === 'ok' ? 200 : 503).json(guard.isOwnHost(headers.host) ? report : { status });
    })
    .post('/invoke', requireBearer(token, SEND_TOKEN), ...jsonBody, invokeRoute(parts))
    .use('/faults', requireBearer(token, SEND_TOKEN), faultsRoutes(faults, workerId))
    .use(refuseUnknownRoute)
    .use(problemHandler(logger));
}

/** Whether the function accepts work now. */
function healthOf({ state, unresponsiveMs }: FunctionCondition) {
  if (state === 'restarting') return { status: state, unresponsiveMs };
  const status = unresponsiveMs > UNRESPONSIVE_AFTER_MS ? 'unresponsive' : 'ok';
  return { status, unresponsiveMs } as const;
}
