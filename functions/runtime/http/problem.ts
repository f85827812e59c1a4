/** A worker's errors as problem documents. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { BoomerangError } from '../../../contracts/errors/errors.js';
import type { Logger } from '../../../contracts/system/logger.js';
import { handleErrors, sendProblem } from '../../../infra/http/problem.js';

export const refuseUnknownRoute: RequestHandler = ({ method, path }) => {
  throw new BoomerangError('not_found', `there is no ${method} ${path} here`);
};

export function problemHandler(logger: Logger): ErrorRequestHandler {
  return handleErrors((error, response) => {
    const known = error instanceof BoomerangError ? error : bodyError(error);
    if (known.code === 'internal_error') logger.error({ error }, 'request.failed');
    if (known.code === 'too_large') response.set('Connection', 'close'); // rather than read the rest
    sendProblem(response, known);
  });
}

/** Translates what Express' body parser and router throw. */
function bodyError(error: unknown): BoomerangError {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return new BoomerangError('too_large', 'the body is too large');
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') {
    return new BoomerangError('unsupported_media_type', 'the body has to be JSON in UTF-8');
  }
  const isClientError = error instanceof Error && 'status' in error && Number(error.status) < 500;
  if (isClientError) return new BoomerangError('invalid_request', error.message);
  return new BoomerangError('internal_error', 'this worker made a mistake; its log says more');
}
