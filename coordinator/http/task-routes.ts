/** `GET /tasks`, `GET /tasks/:id`, `DELETE /tasks/:id` */
import { Router } from 'express';
import { listTasksQuerySchema } from '../../contracts/http/api.js';
import { taskView } from '../../contracts/http/task-view.js';
import { cancel } from '../tasks/cancel-task.js';
import { findTask, type FindPorts } from '../tasks/find-task.js';
import type { BatchTimeouts, RewritePorts } from '../ledger/rewrite-batch.js';
import { clientGone } from './client-gone.js';
import { ConcurrencyLimit, SINGLE_READS } from './concurrency-limit.js';
import { parseInput } from '../../infra/http/problem.js';
import { sendJson } from '../../infra/http/send-json.js';
import type { TaskLists } from './task-lists.js';

export function taskRoutes(
  ports: RewritePorts & FindPorts,
  durations: BatchTimeouts,
  lists: TaskLists,
): Router {
  const router = Router();
  const reads = new ConcurrencyLimit(ports.clock, SINGLE_READS);
  router.get('/tasks', async (request, response) => {
    sendJson(response, 200, await lists.page(parseInput(listTasksQuerySchema, request.query), response));
  });
  router.get('/tasks/:id', async (request, response) => {
    const { batch, taskIndex } = await reads.run(clientGone(response), () =>
      findTask(ports, request.params.id),
    );
    sendJson(response, 200, taskView(batch, taskIndex));
  });
  router.delete('/tasks/:id', async (request, response) => {
    const { batch, taskIndex } = await reads.run(clientGone(response), () =>
      findTask(ports, request.params.id),
    );
    sendJson(response, 200, taskView(await cancel(ports, durations, batch, taskIndex), taskIndex));
  });
  return router;
}
