/** `GET /workers`, from DynamoDB, and the workers' own `POST /workers/:id/heartbeat`. */
import { Router, type RequestHandler } from 'express';
import { headerTextSchema } from '../../contracts/api.js';
import type { Clock, WorkerStore } from '../../contracts/ports.js';
import { heartbeatSchema, workerState, type Suspicion, type WorkerRecord } from '../../contracts/worker.js';
import type { Heartbeats } from '../workers/heartbeats.js';
import { jsonBody } from './json-body.js';
import { parsed } from './problem.js';
import { sendJson } from './send-json.js';

/** The table's time to live, which not every stack keeps. */
const FORGOTTEN_AFTER_MS = 3_600_000;

export interface WorkerPorts {
  readonly clock: Clock;
  readonly workers: WorkerStore;
}

export function workerRoutes({ clock, workers }: WorkerPorts): Router {
  const router = Router();
  router.get('/workers', async (_request, response) => {
    const nowMs = clock.now();
    const records = (await workers.list())
      .filter(({ heartbeatAtMs }) => nowMs - heartbeatAtMs < FORGOTTEN_AFTER_MS)
      .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
    sendJson(response, 200, { workers: records.map((record) => workerView(record, nowMs)) });
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

function workerView(record: WorkerRecord, nowMs: number) {
  const { id, address, heartbeatAtMs, suspicion, ...rest } = record;
  const state = workerState(record, nowMs);
  const isJudged = state === 'up' && suspicion !== undefined;
  return {
    id,
    address,
    ...rest,
    p50Ms: tenths(record.p50Ms),
    p95Ms: tenths(record.p95Ms),
    state: isJudged && suspicion.reason !== 'trial' ? 'suspect' : state,
    ...(isJudged ? shown(suspicion) : {}),
    heartbeatAgeMs: Math.max(0, Math.round(nowMs - heartbeatAtMs)),
  };
}

function shown({ reason, ejectedUntilMs }: Suspicion) {
  const ejectedUntil = ejectedUntilMs === undefined ? undefined : new Date(ejectedUntilMs).toISOString();
  return { reason, ...(ejectedUntil === undefined ? {} : { ejectedUntil }) };
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
