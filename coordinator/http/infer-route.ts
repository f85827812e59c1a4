/** `POST /infer` */
import type { RequestHandler, Response } from 'express';
import { idempotencyKeySchema, inferRequestSchema } from '../../contracts/http/api.js';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { taskAnswer } from '../../contracts/http/task-view.js';
import { isTerminalStatus } from '../../contracts/batch/task-status.js';
import type { TaskAnswer } from '../../contracts/http/answers.js';
import type { Coordinator } from '../coordinator.js';
import { TRACEPARENT } from '../../contracts/system/tracing.js';
import { clientGone } from './client-gone.js';
import { refuseWhileStopping, type Stopping } from './stopping.js';
import { waitMsOf } from './prefer.js';
import { parseInput } from '../../infra/http/problem.js';
import { requestIdOf } from './request-id.js';
import { sendJson } from '../../infra/http/send-json.js';

export function inferRoute(
  coordinator: Pick<Coordinator, 'accept' | 'wait' | 'traces'>,
  stopping: Stopping,
): RequestHandler {
  const { traces } = coordinator;
  return async (request, response) => {
    if (traces !== undefined) {
      const answered = traces.request(requestIdOf(response), request.get(TRACEPARENT));
      response.once('close', () => answered(response.writableFinished ? response.statusCode : CLIENT_GONE));
    }
    refuseWhileStopping(stopping);
    const body = parseInput(inferRequestSchema, request.body);
    const key = request.get('idempotency-key');
    const taskIds = await coordinator.accept({
      request: body,
      requestId: requestIdOf(response),
      idempotencyKey: key === undefined ? undefined : parseKey(key),
    });
    const waitMs = waitMsOf(request.get('prefer'));
    const tasks = await coordinator.wait(taskIds, waitMs, untilGone(response, stopping.waitingOver));
    const answers = tasks.map(({ batch, taskIndex }) => taskAnswer(batch, taskIndex));
    if (response.destroyed) return;
    if (waitMs === 0 || !answers.every((answer) => isTerminalStatus(answer.status)))
      sendAccepted(response, answers, body.text);
    else if (body.text === undefined)
      sendJson(response, 200, { requestId: requestIdOf(response), tasks: answers });
    else sendSingleAnswer(response, answers[0]);
  };
}

/** The status with which nginx logs a client that did not wait. */
const CLIENT_GONE = 499;

function parseKey(key: string): string {
  const { error } = idempotencyKeySchema.safeParse(key);
  if (error === undefined) return key;
  const message = error.issues[0]?.message ?? 'cannot be used';
  throw new BoomerangError('invalid_request', `Idempotency-Key: ${message}`, {
    errors: [{ path: 'Idempotency-Key', message }],
  });
}

function sendAccepted(response: Response, answers: readonly TaskAnswer[], text: string | undefined): void {
  const tasks = answers.map(({ taskId, status }) => ({ taskId, status }));
  if (text !== undefined && tasks[0] !== undefined)
    response.setHeader('Location', `/tasks/${tasks[0].taskId}`);
  sendJson(response, 202, { requestId: requestIdOf(response), tasks });
}

/** The answer to a request with one text. If its task failed, the request fails. */
function sendSingleAnswer(response: Response, answer: TaskAnswer | undefined): void {
  if (answer === undefined) throw new Error('a request of one text has one task');
  const { taskId, status, error } = answer;
  switch (status) {
    case 'failed':
      throw new BoomerangError('task_failed', error?.message ?? 'all deliveries failed', {
        extra: { taskId, error },
      });
    case 'expired':
      throw new BoomerangError('deadline_exceeded', 'the deadline came before the answer', {
        extra: { taskId },
      });
    case 'cancelled':
      throw new BoomerangError('task_cancelled', 'the task was cancelled', { extra: { taskId } });
    case 'succeeded':
    case 'queued':
    case 'running':
      sendJson(response, 200, { requestId: requestIdOf(response), ...answer });
  }
}

/** Aborts when the client has gone, or when the coordinator stops waiting. */
function untilGone(response: Response, waitingOver: AbortSignal): AbortSignal {
  const gone = clientGone(response);
  if (gone.aborted) return gone;
  const over = new AbortController();
  const end = () => over.abort();
  gone.addEventListener('abort', end, { once: true });
  waitingOver.addEventListener('abort', end, { once: true });
  response.once('close', () => waitingOver.removeEventListener('abort', end));
  return over.signal;
}
