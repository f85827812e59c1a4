import { BoomerangError } from '../../../contracts/errors/errors.js';
import { readJsonBody } from '../../../infra/http/json-body.js';
import { sendProblem } from '../../../infra/http/problem.js';

/** Ten times what a batch is bounded by. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;

export const jsonBody = readJsonBody({
  maxBytes: MAX_BODY_BYTES,
  tooLarge: 'the body is too large',
  wrongCharset: 'the body has to be JSON in UTF-8',
  sendProblem,
  refusalOf: (request) => {
    if (Number(request.get('content-length') ?? 0) > MAX_BODY_BYTES)
      return new BoomerangError('too_large', `a body may have ${MAX_BODY_BYTES} bytes`);
    return request.is('application/json') === false
      ? new BoomerangError('unsupported_media_type', 'the body has to be application/json')
      : undefined;
  },
});
