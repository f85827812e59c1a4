/** The coordinator's errors as problem documents, each with a title and the id of its request. */
import type { ErrorRequestHandler, Response } from 'express';
import { z } from 'zod';
import { BoomerangError, StackRefusedError, StackUnavailableError } from '../../contracts/errors/errors.js';
import type { Logger } from '../../contracts/system/logger.js';
import { describeRefusal, isStorageRefusal } from '../../contracts/errors/stack-refusal.js';
import { messageOf, shortened } from '../../contracts/common/text.js';
import * as kit from '../../infra/http/problem.js';
import { requestIdOf } from './request-id.js';

export function sendProblem(response: Response, error: kit.PublicError): void {
  const { title } = kit.PROBLEMS[error.code];
  kit.sendProblem(response, error, { title, requestId: requestIdOf(response) });
}

/** Only unexpected errors, and a stack that does not answer, are logged. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return kit.handleErrors((error, response) => {
    const requestId = requestIdOf(response);
    const known = error instanceof BoomerangError ? publicError(error) : bodyError(error);
    if (error instanceof StackUnavailableError) {
      logger.warn({ requestId, error: messageOf(error) }, 'request.unavailable');
    }
    if (known === undefined) {
      logger.error({ requestId, error: messageOf(error), err: error }, 'request.failed');
    }
    sendProblem(
      response,
      known ?? new BoomerangError('internal_error', 'an unexpected error; the log has it'),
    );
  });
}

/** Details of the stack's errors are for the log only. That its disk is full is said in our own words. */
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

/** Translates what Express' body parser and router throw. */
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
