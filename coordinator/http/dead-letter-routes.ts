/** `GET /dead-letters`, `POST /dead-letters/redrive` */
import { Router } from 'express';
import { listDeadLettersQuerySchema, redriveRequestSchema } from '../../contracts/http/api.js';
import type { Coordinator } from '../coordinator.js';
import { jsonBody } from './json-body.js';
import { parseInput } from '../../infra/http/problem.js';
import { requestIdOf } from './request-id.js';
import { sendJson } from '../../infra/http/send-json.js';
import type { TaskLists } from './task-lists.js';
import { refuseWhileStopping, type Stopping } from './stopping.js';

export function deadLetterRoutes(
  coordinator: Pick<Coordinator, 'redrive'>,
  stopping: Stopping,
  lists: TaskLists,
): Router {
  const router = Router();
  router.get('/dead-letters', async (request, response) => {
    const query = parseInput(listDeadLettersQuerySchema, request.query);
    sendJson(response, 200, await lists.page({ ...query, status: 'dead-lettered' }, response));
  });
  router.post('/dead-letters/redrive', ...jsonBody, async (request, response) => {
    refuseWhileStopping(stopping);
    const requested = parseInput(redriveRequestSchema, request.body);
    const requestId = requestIdOf(response);
    const { retryAfterSeconds, ...answer } = await coordinator.redrive(
      requested,
      requestId,
      stopping.refusing,
    );
    if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
    sendJson(response, 200, { requestId, ...answer });
  });
  return router;
}
