import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type RequestHandler } from 'express';
import { MAX_BODY_BYTES } from '../../contracts/http/api.js';
import { whenTooLong } from '../../contracts/http/endless-body.js';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { excessInJson } from '../../contracts/http/json-bounds.js';
import { invalidRequest, sendProblem } from './problem.js';

/** Refuses by the headers first: Express finds out that a body is too large only after reading it. */
const acceptable: RequestHandler = (request, response, next) => {
  const tooLarge = new BoomerangError('too_large', 'the body is over 1 MiB');
  if (!request.is('application/json')) {
    next(new BoomerangError('unsupported_media_type', 'send Content-Type: application/json'));
  } else if (Number(request.get('content-length') ?? 0) > MAX_BODY_BYTES) {
    next(tooLarge);
  } else {
    whenTooLong(request, MAX_BODY_BYTES, () => {
      sendProblem(response.set('Connection', 'close'), tooLarge);
    });
    next();
  }
};

/** Before it is parsed: what holds too much would hold up everybody else. */
function refuseExcess(
  _request: IncomingMessage,
  _response: ServerResponse,
  body: Buffer,
  charset: string,
): void {
  if (charset !== 'utf-8') throw new BoomerangError('unsupported_media_type', 'send JSON in UTF-8');
  const excess = excessInJson(body);
  if (excess !== undefined) throw invalidRequest(excess);
}

/** A JSON body of at most 1 MiB in `req.body`. */
export const jsonBody: readonly RequestHandler[] = [
  acceptable,
  express.json({ limit: MAX_BODY_BYTES, inflate: false, verify: refuseExcess }),
];
