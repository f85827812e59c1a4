import type { RequestHandler } from 'express';
import { bearerCheck } from '../../contracts/http/bearer.js';
import { BoomerangError } from '../../contracts/errors/errors.js';

/**
 * Lets a request through if it sends `Authorization: Bearer SECRET`, and every request if there is no secret.
 * @param detail tells the others what to send
 */
export function requireBearer(secret: string | undefined, detail: string): RequestHandler {
  if (secret === undefined) return (_request, _response, next) => next();
  const isAuthorized = bearerCheck(secret);
  return ({ headers }, _response, next) => {
    next(isAuthorized(headers.authorization) ? undefined : new BoomerangError('unauthorized', detail));
  };
}
