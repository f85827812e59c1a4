import type { RequestHandler, Response } from 'express';
import { v4 as uuidv4 } from 'uuid';
import { headerTextSchema } from '../../contracts/api.js';

/** Takes `X-Request-Id` where it is usable, else makes one, and says it back. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = headerTextSchema.safeParse(request.get('x-request-id'));
  response.setHeader('X-Request-Id', given.success ? given.data : uuidv4());
  next();
};

export function requestIdOf(response: Response): string {
  return String(response.getHeader('X-Request-Id'));
}
