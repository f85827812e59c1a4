/** `GET /tasks`, `GET /tasks/:id`, `DELETE /tasks/:id` */
import { Router } from 'express';
import { listTasksQuerySchema } from '../../contracts/http/api.js';
import { taskView } from '../../contracts/http/task-view.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Coordinator } from '../coordinator.js';
import { clientGone } from './client-gone.js';
import { ConcurrencyLimit, SINGLE_READS } from './concurrency-limit.js';
import { parseInput } from '../../infra/http/problem.js';
import { sendJson } from '../../infra/http/send-json.js';
import type { TaskLists } from './task-lists.js';

export function taskRoutes(
  coordinator: Pick<Coordinator, 'find' | 'cancel'>,
  clock: Clock,
  lists: TaskLists,
): Router {
  const router = Router();
  const reads = new ConcurrencyLimit(clock, SINGLE_READS);
  router.get('/tasks', async (request, response) => {
    sendJson(response, 200, await lists.page(parseInput(listTasksQuerySchema, request.query), response));
  });
  router.get('/tasks/:id', async (request, response) => {
    const task = await reads.run(clientGone(response), () => coordinator.find(request.params.id));
    sendJson(response, 200, taskView(task.batch, task.taskIndex));
  });
  router.delete('/tasks/:id', async (request, response) => {
    const task = await reads.run(clientGone(response), () => coordinator.find(request.params.id));
    const { batch, taskIndex } = await coordinator.cancel(task);
    sendJson(response, 200, taskView(batch, taskIndex));
  });
  return router;
}
