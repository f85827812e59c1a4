import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { headerTextSchema } from '../../contracts/http/api.js';

/** Uses `X-Request-Id` if it is valid, else makes an id, and returns it in the same header. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  const isUsable = given !== undefined && headerTextSchema.safeParse(given).success;
  response.setHeader('X-Request-Id', isUsable ? given : randomUUID());
  next();
};

export function requestIdOf(response: Response): string {
  return String(response.getHeader('X-Request-Id'));
}
