/** Errors as `application/problem+json` (RFC 9457). */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { BoomerangError, type ErrorCode } from '../../../contracts/errors/errors.js';
import type { Logger } from '../../../contracts/system/logger.js';
import { shortened } from '../../../contracts/common/text.js';

const STATUS_OF_CODE = {
  invalid_request: 400,
  unauthorized: 401,
  origin_not_allowed: 403,
  not_found: 404,
  too_large: 413,
  unsupported_media_type: 415,
  host_not_allowed: 421,
  internal_error: 500,
} as const satisfies Partial<Record<ErrorCode, number>>;

const MAX_DETAIL_LENGTH = 512;

type FunctionErrorCode = keyof typeof STATUS_OF_CODE;

export class FunctionHttpError extends BoomerangError {
  readonly status: number;

  constructor(code: FunctionErrorCode, message: string, details: BoomerangError['details'] = {}) {
    super(code, message, details);
    this.status = STATUS_OF_CODE[code];
  }
}

export function sendProblem(
  response: Response,
  status: number,
  code: string,
  detail: string,
  extra = {},
): void {
  const problem = { type: 'about:blank', status, code, detail, ...extra };
  response.status(status).type('application/problem+json').send(JSON.stringify(problem));
}

export const refuseUnknownRoute: RequestHandler = ({ method, path }) => {
  throw new FunctionHttpError('not_found', `there is no ${method} ${path} here`);
};

export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response: Response, next) => {
    if (response.writableEnded) return; // its body went on after it was refused
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = error instanceof FunctionHttpError ? error : fromBodyParser(error);
    if (known.status >= 500) logger.error({ error }, 'http.failed');
    if (known.code === 'too_large') response.set('connection', 'close'); // rather than read the rest
    const { errors, moreErrors } = known.details;
    const named = errors && { errors, ...(moreErrors !== undefined && { moreErrors }) };
    sendProblem(response, known.status, known.code, shortened(known.message, MAX_DETAIL_LENGTH), named);
  };
}

function fromBodyParser(error: unknown): FunctionHttpError {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return new FunctionHttpError('too_large', 'the body is too large');
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') {
    return new FunctionHttpError('unsupported_media_type', 'the body has to be JSON in UTF-8');
  }
  const isClientError = error instanceof Error && 'status' in error && Number(error.status) < 500;
  if (isClientError) return new FunctionHttpError('invalid_request', error.message);
  return new FunctionHttpError('internal_error', 'this worker made a mistake; its log says more');
}
