import { MAX_BODY_BYTES } from '../../contracts/http/api.js';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { readJsonBody } from '../../infra/http/json-body.js';
import { sendProblem } from './problem.js';

const TOO_LARGE = 'the body is over 1 MiB';

/** A JSON body of at most 1 MiB in `request.body`. */
export const jsonBody = readJsonBody({
  maxBytes: MAX_BODY_BYTES,
  tooLarge: TOO_LARGE,
  wrongCharset: 'send JSON in UTF-8',
  sendProblem,
  refusalOf: (request) => {
    if (!request.is('application/json'))
      return new BoomerangError('unsupported_media_type', 'send Content-Type: application/json');
    const isTooLarge = Number(request.get('content-length') ?? 0) > MAX_BODY_BYTES;
    return isTooLarge ? new BoomerangError('too_large', TOO_LARGE) : undefined;
  },
});
