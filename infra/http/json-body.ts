/** JSON bodies of bounded size. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { whenTooLong } from '../../contracts/http/endless-body.js';
import { excessInJson } from '../../contracts/http/json-bounds.js';
import { invalidRequest } from './problem.js';

export interface JsonBodyRules {
  readonly maxBytes: number;
  /**
   * Finds out from the headers whether a body is acceptable: Express reports one that is too large only after reading it.
   * @returns why it is not
   */
  readonly refusalOf: (request: Request) => BoomerangError | undefined;
  /** Details of the errors `too_large` and `unsupported_media_type`. */
  readonly tooLarge: string;
  readonly wrongCharset: string;
  readonly sendProblem: (response: Response, error: BoomerangError) => void;
}

/** Leaves the parsed body in `request.body`. */
export function readJsonBody(rules: JsonBodyRules): readonly RequestHandler[] {
  const { maxBytes, refusalOf, tooLarge, wrongCharset, sendProblem } = rules;
  const checkHeaders: RequestHandler = (request, response, next) => {
    const refusal = refusalOf(request);
    if (refusal === undefined) {
      whenTooLong(request, maxBytes, () => {
        sendProblem(response.set('Connection', 'close'), new BoomerangError('too_large', tooLarge));
      });
    }
    next(refusal);
  };
  /** Runs before parsing: a body with too many members would block the process. */
  const verify = (
    _request: IncomingMessage,
    _response: ServerResponse,
    body: Buffer,
    charset: string,
  ): void => {
    if (charset !== 'utf-8') throw new BoomerangError('unsupported_media_type', wrongCharset);
    const excess = excessInJson(body);
    if (excess !== undefined) throw invalidRequest(excess);
  };
  return [checkHeaders, express.json({ limit: maxBytes, inflate: false, verify })];
}
