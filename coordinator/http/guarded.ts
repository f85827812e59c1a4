import type { RequestHandler } from 'express';
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { RequestGuard } from '../../contracts/http/request-guard.js';

/** Paths that a link on another site may lead to: they tell nothing and change nothing. */
export const PAGES = ['/', '/docs', '/docs/'];
/** For load balancers, which know an address and no name. */
export const ANY_HOST_PATHS = ['/healthz'];

/** Refuses pages of other origins, and forbids everybody on the way to keep an answer or to take it for something else. */
export function guardRequests(guard: RequestGuard): RequestHandler {
  return (request, response, next) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const refusal = guard(request);
    next(refusal && new BoomerangError(refusal.code, refusal.detail));
  };
}
