import express, { type RequestHandler } from 'express';
import type { z } from 'zod';
import { FunctionHttpError } from './problem.js';

/** Ten times what a batch is bounded by. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Reads a JSON body. Size and type are checked first: the parser would read a large body before it refuses it. */
export const readJsonBody: readonly RequestHandler[] = [
  refuseUnreadable,
  express.json({ limit: MAX_BODY_BYTES }),
];

function refuseUnreadable(...[request, , next]: Parameters<RequestHandler>): void {
  if (Number(request.get('content-length') ?? 0) > MAX_BODY_BYTES) {
    throw new FunctionHttpError('too_large', `a body may have ${MAX_BODY_BYTES} bytes`);
  }
  if (request.is('application/json') === false) {
    throw new FunctionHttpError('unsupported_media_type', 'the body has to be application/json');
  }
  next();
}

export function validBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }));
  const first = errors[0];
  const detail =
    first === undefined ? 'invalid body' : [first.path, first.message].filter(Boolean).join(': ');
  throw new FunctionHttpError('invalid_request', detail, { errors });
}
