/** `GET /tasks`, `GET /tasks/:id`, `DELETE /tasks/:id` */
import { Router } from 'express';
import { listTasksQuerySchema } from '../../contracts/api.js';
import type { BatchDocument } from '../../contracts/batch.js';
import { BoomerangError, StackUnavailableError } from '../../contracts/errors.js';
import { parseTaskId } from '../../contracts/ids.js';
import { taskView } from '../../contracts/task-view.js';
import { cancel } from '../tasks/cancel-task.js';
import { listTasks } from '../tasks/list-tasks.js';
import type { Durations, RewritePorts } from '../tasks/rewrite-batch.js';
import { parsed } from './problem.js';
import { sendJson } from './send-json.js';

export function taskRoutes(ports: RewritePorts, durations: Durations): Router {
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

/** @throws BoomerangError `not_found`; StackUnavailableError also while an emptied table has not got it back */
export async function findTask(
  { batches, ledger }: RewritePorts,
  id: string,
): Promise<{ batch: BatchDocument; slot: number }> {
  const parsedId = parseTaskId(id);
  const batch = parsedId && (await batches.read(parsedId.batchId));
  if (parsedId && batch === undefined && ledger.heldOf(parsedId.batchId) !== undefined) {
    throw new StackUnavailableError('GetItem of a batch', new Error('its table was emptied'));
  }
  if (parsedId === undefined || batch?.slots[parsedId.slot] === undefined) {
    throw new BoomerangError('not_found', 'no such task');
  }
  return { batch, slot: parsedId.slot };
}
