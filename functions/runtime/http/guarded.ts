import type { RequestHandler } from 'express';
import type { RequestGuard } from '../../../contracts/http/request-guard.js';
import { FunctionHttpError } from './problem.js';

/** Refuses pages of other origins, and forbids everybody on the way to keep an answer or to take it for something else. */
export function guardRequests(guard: RequestGuard): RequestHandler {
  return (request, response, next) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const refusal = guard(request);
    if (refusal !== undefined) throw new FunctionHttpError(refusal.code, refusal.detail);
    next();
  };
}
