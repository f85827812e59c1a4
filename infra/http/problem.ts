/** Errors as `application/problem+json` (RFC 9457), and the one table of error codes, statuses and titles. */
import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler, Response } from 'express';
import type { z } from 'zod';
import { shortened } from '../../contracts/common/text.js';
import { BoomerangError, type ErrorCode } from '../../contracts/errors/errors.js';
import { describeErrors, fieldErrors, type FieldErrors } from '../../contracts/http/field-errors.js';
import { sendJson } from './send-json.js';

export const PROBLEMS: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  invalid_request: { status: 400, title: 'The request cannot be understood' },
  unauthorized: { status: 401, title: 'A key is needed' },
  origin_not_allowed: { status: 403, title: 'Pages of other origins are not served' },
  address_not_allowed: { status: 403, title: 'A worker at that address is not used' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  idempotency_conflict: { status: 409, title: 'The idempotency key was used for another request' },
  task_cancelled: { status: 409, title: 'The task was cancelled' },
  not_cancellable: { status: 409, title: 'The task can no longer be cancelled' },
  worker_id_taken: { status: 409, title: 'The id is that of another worker' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  host_not_allowed: { status: 421, title: 'The request names another host' },
  overloaded: { status: 429, title: 'Too many tasks are outstanding' },
  too_many_requests: { status: 429, title: 'Too many requests of this kind are under way' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  task_failed: { status: 502, title: 'The task failed for good' },
  stack_unavailable: { status: 503, title: 'The queue or the database does not answer' },
  too_many_streams: { status: 503, title: 'Too many event streams are open' },
  shutting_down: { status: 503, title: 'The coordinator is stopping' },
  deadline_exceeded: { status: 504, title: 'The deadline came before the answer' },
};

/** An error may quote what a client sent, but not all of it. */
const MAX_DETAIL_LENGTH = 512;

export type PublicError = Pick<BoomerangError, 'code' | 'message' | 'details'>;

/** Members that not every server has. */
export interface ProblemMembers {
  readonly title?: string;
  readonly requestId?: string;
}

export function sendProblem(
  response: ServerResponse,
  { code, message, details }: PublicError,
  { title, requestId }: ProblemMembers = {},
): void {
  const { status } = PROBLEMS[code];
  const { errors, moreErrors, retryAfterSeconds, extra } = details;
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  if (code === 'unauthorized') response.setHeader('WWW-Authenticate', 'Bearer');
  const detail = shortened(message, MAX_DETAIL_LENGTH);
  const problem = { title, status, detail, code, requestId, errors, moreErrors, ...extra };
  sendProblemDocument(response, status, problem);
}

export function sendProblemDocument(response: ServerResponse, status: number, members: object): void {
  const problem = { type: 'about:blank', ...members };
  sendJson(response, status, problem, 'application/problem+json; charset=utf-8');
}

/** The last handler of an app. @param send answers with the error, unless an answer is already on its way */
export function handleErrors(send: (error: unknown, response: Response) => void): ErrorRequestHandler {
  return (error: unknown, _request, response: Response, next) => {
    if (response.writableEnded) return; // its body went on after it was refused
    if (response.headersSent) next(error);
    else send(error, response);
  };
}

export function invalidRequest(found: FieldErrors): BoomerangError {
  return new BoomerangError('invalid_request', describeErrors(found), found);
}

/** Parses what came from outside. @throws BoomerangError `invalid_request` */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidRequest(fieldErrors(result.error));
  return result.data;
}
