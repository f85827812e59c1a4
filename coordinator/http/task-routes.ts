/** `GET /tasks`, `GET /tasks/:id`, `DELETE /tasks/:id` */
import { Router } from 'express';
import { listTasksQuerySchema } from '../../contracts/api.js';
import { taskView } from '../../contracts/task-view.js';
import { cancel } from '../tasks/cancel-task.js';
import { findTask, type FindPorts } from '../tasks/find-task.js';
import { listTasks } from '../tasks/list-tasks.js';
import type { Durations, RewritePorts } from '../tasks/rewrite-batch.js';
import { parsed } from './problem.js';
import { sendJson } from './send-json.js';

export function taskRoutes(ports: RewritePorts & FindPorts, durations: Durations): Router {
  const router = Router();
  router.get('/tasks', async (request, response) => {
    sendJson(
      response,
      200,
      await listTasks(ports, parsed(listTasksQuerySchema, request.query), durations.retentionMs),
    );
  });
  router.get('/tasks/:id', async (request, response) => {
    const { batch, slot } = await findTask(ports, request.params.id);
    sendJson(response, 200, taskView(batch, slot));
  });
  router.delete('/tasks/:id', async (request, response) => {
    const { batch, slot } = await findTask(ports, request.params.id);
    sendJson(response, 200, taskView(await cancel(ports, durations, batch, slot), slot));
  });
  return router;
}
