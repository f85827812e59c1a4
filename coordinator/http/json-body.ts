import express, { type RequestHandler } from 'express';
import { MAX_BODY_BYTES } from '../../contracts/api.js';
import { BoomerangError } from '../../contracts/errors.js';

/** Refuses by the headers first: Express finds out that a body is too large only after reading it. */
const acceptable: RequestHandler = (request, _response, next) => {
  if (!request.is('application/json')) {
    next(new BoomerangError('unsupported_media_type', 'send Content-Type: application/json'));
  } else if (Number(request.get('content-length') ?? 0) > MAX_BODY_BYTES) {
    next(new BoomerangError('too_large', 'the body is over 1 MiB'));
  } else {
    next();
  }
};

/** A JSON body of at most 1 MiB in `req.body`. */
export const jsonBody: readonly RequestHandler[] = [
  acceptable,
  express.json({ limit: MAX_BODY_BYTES, inflate: false }),
];
