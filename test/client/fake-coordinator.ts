/** An HTTP server that answers as a script says, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly atMs: number;
}

export type Respond = (request: SeenRequest, response: ServerResponse, nth: number) => void;

export async function startFakeCoordinator(respond: Respond) {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const { method = '', url = '', headers } = request;
      const requested = {
        method,
        path: url,
        headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
        atMs: performance.now(),
      };
      seen.push(requested);
      respond(requested, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function problem(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = { type: 'about:blank', title: code, status, detail: `planned ${code}`, code, requestId: 'r' };
  reply(response, status, body, { 'content-type': 'application/problem+json', ...headers });
}

export const ANSWER = {
  requestId: 'r',
  taskId: 'task-0',
  status: 'succeeded',
  label: 'POSITIVE',
  score: 0.9,
  deliveries: 1,
  workerId: 'worker-1',
  timings: { queueMs: 1, computeMs: 2, totalMs: 3 },
};

export function taskOf(status: string, deliveries = 1) {
  return {
    taskId: 'task-0',
    status,
    deliveries,
    batchId: 'task',
    requestId: 'r',
    text: 'good',
    createdAt: '2026-01-01T00:00:00.000Z',
    sends: 1,
    history: [],
  };
}
