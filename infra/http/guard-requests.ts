import type { RequestHandler } from 'express';
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { RequestGuard } from '../../contracts/http/request-guard.js';

/** Refuses pages of other origins. Forbids caches to keep an answer and browsers to guess its type. */
export function guardRequests(guard: RequestGuard): RequestHandler {
  return (request, response, next) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const refusal = guard(request);
    next(refusal && new BoomerangError(refusal.code, refusal.detail));
  };
}
