import express, { type Express } from 'express';
import type { ModelHost } from '../model-host.js';
import { faultsRoutes } from './faults-routes.js';
import { invokeRoute, type InvokeRouteParts } from './invoke-route.js';
import { readJsonBody } from './json-body.js';
import { problemHandler, refuseUnknownRoute } from './problem.js';
import { requireToken } from './require-token.js';

export interface AppParts extends InvokeRouteParts {
  readonly token: string;
  readonly host: Pick<ModelHost, 'model'>;
}

export function createApp(parts: AppParts): Express {
  const { workerId, token, host, load, faults, logger } = parts;
  return express()
    .disable('x-powered-by')
    .disable('etag')
    .get('/healthz', (_request, response) => {
      response.json({ workerId, model: host.model, ...load.report() });
    })
    .post('/invoke', requireToken(token), ...readJsonBody, invokeRoute(parts))
    .use('/faults', requireToken(token), faultsRoutes(faults, workerId))
    .use(refuseUnknownRoute)
    .use(problemHandler(logger));
}
