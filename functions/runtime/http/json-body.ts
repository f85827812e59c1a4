import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type RequestHandler } from 'express';
import type { z } from 'zod';
import { whenTooLong } from '../../../contracts/http/endless-body.js';
import { describeErrors, fieldErrors, type FieldErrors } from '../../../contracts/http/field-errors.js';
import { excessInJson } from '../../../contracts/http/json-bounds.js';
import { FunctionHttpError, sendProblem } from './problem.js';

/** Ten times what a batch is bounded by. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Reads a JSON body. Size and type are checked first: the parser would read a large body before it refuses it. */
export const readJsonBody: readonly RequestHandler[] = [
  refuseUnreadable,
  express.json({ limit: MAX_BODY_BYTES, inflate: false, verify: refuseExcess }),
];

function refuseUnreadable(...[request, response, next]: Parameters<RequestHandler>): void {
  if (Number(request.get('content-length') ?? 0) > MAX_BODY_BYTES) {
    throw new FunctionHttpError('too_large', `a body may have ${MAX_BODY_BYTES} bytes`);
  }
  if (request.is('application/json') === false) {
    throw new FunctionHttpError('unsupported_media_type', 'the body has to be application/json');
  }
  whenTooLong(request, MAX_BODY_BYTES, () => {
    sendProblem(response.set('connection', 'close'), 413, 'too_large', 'the body is too large');
  });
  next();
}

/** Before it is parsed: what holds too much would hold up everybody else. */
function refuseExcess(
  _request: IncomingMessage,
  _response: ServerResponse,
  body: Buffer,
  charset: string,
): void {
  if (charset !== 'utf-8') {
    throw new FunctionHttpError('unsupported_media_type', 'the body has to be JSON in UTF-8');
  }
  const excess = excessInJson(body);
  if (excess !== undefined) throw invalidRequest(excess);
}

export function validBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidRequest(fieldErrors(parsed.error));
}

function invalidRequest(found: FieldErrors): FunctionHttpError {
  return new FunctionHttpError('invalid_request', describeErrors(found), found);
}
