/** `GET /workers`, from DynamoDB, and the workers' own `POST /workers/:id/heartbeat`. */
import { Router, type RequestHandler } from 'express';
import { headerTextSchema } from '../../contracts/api.js';
import type { Clock, WorkerStore } from '../../contracts/ports.js';
import { heartbeatSchema } from '../../contracts/worker.js';
import { workerViews } from '../../contracts/worker-view.js';
import type { Heartbeats } from '../workers/heartbeats.js';
import { jsonBody } from './json-body.js';
import { parsed } from './problem.js';
import { sendJson } from './send-json.js';

export interface WorkerPorts {
  readonly clock: Clock;
  readonly workers: WorkerStore;
}

export function workerRoutes({ clock, workers }: WorkerPorts): Router {
  const router = Router();
  router.get('/workers', async (_request, response) => {
    sendJson(response, 200, { workers: workerViews(await workers.list(), clock.now()) });
  });
  return router;
}

export function heartbeatRoute(heartbeats: Heartbeats, token: RequestHandler): Router {
  const router = Router();
  router.post('/workers/:id/heartbeat', token, ...jsonBody, async (request, response) => {
    const id = parsed(headerTextSchema, request.params['id']);
    await heartbeats.beat(id, parsed(heartbeatSchema, request.body));
    response.status(204).end();
  });
  return router;
}
