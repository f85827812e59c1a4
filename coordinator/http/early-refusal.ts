/**
 * Answers 429 if the coordinator is full, before the body is read and without passing an error through every route. Refusing
 * must be cheap, because it happens under overload. A request with an idempotency key is processed, because its answer may
 * be known.
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
