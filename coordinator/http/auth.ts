import type { RequestHandler } from 'express';
import { bearerCheck } from '../../contracts/http/bearer.js';
import { BoomerangError } from '../../contracts/errors/errors.js';

/** Lets through who sends `Authorization: Bearer SECRET`; everybody where no secret is set. */
export function requireBearer(secret: string | undefined): RequestHandler {
  if (secret === undefined) return (_request, _response, next) => next();
  const isAuthorized = bearerCheck(secret);
  return (request, _response, next) => {
    const allowed = isAuthorized(request.headers.authorization);
    next(allowed ? undefined : new BoomerangError('unauthorized', 'send Authorization: Bearer KEY'));
  };
}
