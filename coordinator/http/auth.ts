import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { BoomerangError } from '../../contracts/errors.js';

/** Lets through who sends `Authorization: Bearer SECRET`; everybody where no secret is set. */
export function bearer(secret: string | undefined): RequestHandler {
  if (secret === undefined) return (_request, _response, next) => next();
  const expected = digest(secret);
  return (request, _response, next) => {
    const given = /^bearer (.*)$/i.exec(request.get('authorization') ?? '')?.[1];
    const allowed = given !== undefined && timingSafeEqual(digest(given), expected);
    next(allowed ? undefined : new BoomerangError('unauthorized', 'send Authorization: Bearer KEY'));
  };
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
