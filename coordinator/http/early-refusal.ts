/**
 * The 429 of a coordinator that is full, before a body is read and without an error that passes every route: refusing must
 * cost next to nothing, since it happens most when there is least time. With an idempotency key the answer may be known
 * already, so that such a request is looked at.
 */
import type { RequestHandler } from 'express';
import type { Coordinator } from '../coordinator.js';
import { sendProblem } from './problem.js';

export function earlyRefusal(coordinator: Pick<Coordinator, 'refusal'>): RequestHandler {
  return (request, response, next) => {
    const hasKey = request.headers['idempotency-key'] !== undefined;
    const refusal = hasKey ? undefined : coordinator.refusal();
    if (refusal === undefined) next();
    else sendProblem(response, refusal);
  };
}
