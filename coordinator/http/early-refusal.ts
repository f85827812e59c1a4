/**
 * The 429 of a coordinator that is full, before a body is read: refusing must cost next to nothing, since it happens most when
 * there is least time. With an idempotency key the answer may be known already, so that such a request is looked at.
 */
import type { RequestHandler } from 'express';
import { admitAny, type InferOptions, type InferPorts } from '../intake/infer.js';

export function earlyRefusal(ports: InferPorts, options: InferOptions): RequestHandler {
  return (request, _response, next) => {
    if (request.headers['idempotency-key'] === undefined) admitAny(ports, options);
    next();
  };
}
