import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { FunctionHttpError } from './problem.js';

/** Lets only those in who send `Authorization: Bearer TOKEN`. */
export function requireToken(token: string): RequestHandler {
  const expected = digest(`Bearer ${token}`);
  return (request, response, next) => {
    if (!timingSafeEqual(digest(request.get('authorization') ?? ''), expected)) {
      response.set('www-authenticate', 'Bearer');
      throw new FunctionHttpError('unauthorized', 'this needs the token that coordinator and workers share');
    }
    next();
  };
}

/** Equal in length, which is what a comparison in constant time asks for. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
