/** `GET /workers`, from DynamoDB, and the workers' own `POST /workers/:id/heartbeat`. */
import { Router, type RequestHandler } from 'express';
import { heartbeatSchema, workerIdSchema } from '../../contracts/worker/worker.js';
import type { Heartbeats } from '../workers/heartbeats.js';
import { readWorkers, type WorkerPorts } from '../workers/read-workers.js';
import { readInTime } from '../async/read-in-time.js';
import { jsonBody } from './json-body.js';
import { parseInput } from '../../infra/http/problem.js';
import { sendJson } from '../../infra/http/send-json.js';
import { SharedReading } from '../async/shared-reading.js';

export function workerRoutes(ports: WorkerPorts): Router {
  const router = Router();
  const workers = new SharedReading(ports.clock, () => readWorkers(ports));
  router.get('/workers', async (_request, response) => {
    sendJson(response, 200, await readInTime(ports.clock, workers.get()));
  });
  return router;
}

export function heartbeatRoute(heartbeats: Heartbeats, token: RequestHandler): Router {
  const router = Router();
  router.post('/workers/:id/heartbeat', token, ...jsonBody, async (request, response) => {
    const id = parseInput(workerIdSchema, request.params['id']);
    await heartbeats.beat(id, parseInput(heartbeatSchema, request.body));
    response.status(204).end();
  });
  return router;
}
