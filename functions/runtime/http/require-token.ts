import type { RequestHandler } from 'express';
import { bearerCheck } from '../../../contracts/http/bearer.js';
import { FunctionHttpError } from './problem.js';

/** Lets only those in who send `Authorization: Bearer TOKEN`. */
export function requireToken(token: string): RequestHandler {
  const isAuthorized = bearerCheck(token);
  return (request, response, next) => {
    if (!isAuthorized(request.headers.authorization)) {
      response.set('www-authenticate', 'Bearer');
      throw new FunctionHttpError('unauthorized', 'this needs the token that coordinator and workers share');
    }
    next();
  };
}
