/** Errors as `application/problem+json` (RFC 9457), and the one table of codes and statuses. */
import type { ErrorRequestHandler, Response } from 'express';
import { z } from 'zod';
import {
  BoomerangError,
  StackRefusedError,
  StackUnavailableError,
  type ErrorCode,
} from '../../contracts/errors/errors.js';
import { describeErrors, fieldErrors, type FieldErrors } from '../../contracts/http/field-errors.js';
import type { Logger } from '../../contracts/system/logger.js';
import { describeRefusal, isStorageRefusal } from '../../contracts/errors/stack-refusal.js';
import { messageOf, shortened } from '../../contracts/common/text.js';
import { requestIdOf } from './request-id.js';
import { sendJson } from './send-json.js';

const PROBLEMS: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  invalid_request: { status: 400, title: 'The request cannot be understood' },
  unauthorized: { status: 401, title: 'A key is needed' },
  origin_not_allowed: { status: 403, title: 'Pages of other origins are not served' },
  address_not_allowed: { status: 403, title: 'A worker at that address is not used' },
  not_found: { status: 404, title: 'There is no such thing' },
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

/** What a client sent may be said back to it, but not all of it. */
const MAX_DETAIL_LENGTH = 512;

export function sendProblem(
  response: Response,
  error: Pick<BoomerangError, 'code' | 'message' | 'details'>,
): void {
  const { status, title } = PROBLEMS[error.code];
  const { errors, moreErrors, retryAfterSeconds, extra } = error.details;
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  if (error.code === 'unauthorized') response.setHeader('WWW-Authenticate', 'Bearer');
  const problem = {
    type: 'about:blank',
    title,
    status,
    detail: shortened(error.message, MAX_DETAIL_LENGTH),
    code: error.code,
    requestId: requestIdOf(response),
    ...(errors === undefined ? {} : { errors }),
    ...(moreErrors === undefined ? {} : { moreErrors }),
    ...extra,
  };
  sendJson(response, status, problem, 'application/problem+json; charset=utf-8');
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

/** The last handler: every error leaves as a problem document, and only the unexpected ones are logged. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.writableEnded) return; // its body went on after it was refused
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = error instanceof BoomerangError ? publicError(error) : bodyError(error);
    if (error instanceof StackUnavailableError) {
      logger.warn({ requestId: requestIdOf(response), error: messageOf(error) }, 'request.unavailable');
    }
    if (known === undefined) {
      logger.error(
        { requestId: requestIdOf(response), error: messageOf(error), err: error },
        'request.failed',
      );
    }
    sendProblem(
      response,
      known ?? new BoomerangError('internal_error', 'an unexpected error; the log has it'),
    );
  };
}

/** What a stack says of its troubles is for the log; that its disk is full is said in our own words. */
function publicError(error: BoomerangError): BoomerangError {
  if (!(error instanceof StackUnavailableError)) return error;
  const { retryAfterSeconds = 1 } = error.details;
  const isOfStorage = error instanceof StackRefusedError && isStorageRefusal(error.refusal.kind);
  const trouble = isOfStorage ? describeRefusal(error.refusal) : 'the queue or the database does not answer';
  return new BoomerangError(error.code, `${trouble}; what was asked for may still run`, {
    retryAfterSeconds,
  });
}

const bodyErrorSchema = z.object({ type: z.string(), message: z.string() });

/** What Express' body parser and router throw, in our words. */
function bodyError(error: unknown): BoomerangError | undefined {
  if (error instanceof URIError) return new BoomerangError('invalid_request', 'the path cannot be decoded');
  const result = bodyErrorSchema.safeParse(error);
  if (!result.success) return undefined;
  const { type } = result.data;
  const message = shortened(result.data.message);
  if (type === 'entity.too.large') return new BoomerangError('too_large', 'the body is over 1 MiB');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new BoomerangError('unsupported_media_type', message);
  }
  if (type.startsWith('entity.') || type.startsWith('request.') || type === 'stream.encoding.set') {
    const errors = [{ path: '', message }];
    return new BoomerangError('invalid_request', `the body is no JSON: ${message}`, { errors });
  }
  return undefined;
}
