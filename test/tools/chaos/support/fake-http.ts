/** A coordinator in words: what it answers to whom, without a socket. */
import type { HttpClient, HttpReply, HttpRequest } from '../../../../client/http.js';

export type Respond = (request: HttpRequest, turn: number) => HttpReply | Error;

export interface FakeHttp extends HttpClient {
  readonly requests: readonly HttpRequest[];
}

export function fakeHttp(respond: Respond): FakeHttp {
  const requests: HttpRequest[] = [];
  return {
    requests,
    send: (request) => {
      requests.push(request);
      const reply = respond(request, requests.length);
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
    close: () => Promise.resolve(),
  };
}

export function json(status: number, body: unknown, retryAfterMs?: number): HttpReply {
  return { status, body: JSON.stringify(body), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export function refusedConnection(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
}
