/** A coordinator that answers what a test says, on a port of its own. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

export interface FakeReply {
  readonly status: number;
  readonly body: object;
  readonly delayMs?: number;
}

export interface ReceivedRequest {
  readonly requestId: string;
  readonly texts: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface FakeCoordinator {
  readonly url: string;
  readonly requested: readonly ReceivedRequest[];
  /** Paths of all other requests. */
  readonly lookedUp: readonly string[];
}

export interface FakeAnswers {
  /** Nothing: no answer, ever. A `reset` breaks the connection. */
  readonly infer?: (requested: ReceivedRequest, turn: number) => FakeReply | 'reset' | undefined;
  readonly task?: (taskId: string, turn: number) => FakeReply;
  readonly stats?: FakeReply;
}

const bodySchema = z.object({ text: z.string().optional(), texts: z.array(z.string()).optional() });

export async function startFakeCoordinator(answers: FakeAnswers = {}): Promise<FakeCoordinator> {
  const {
    infer = wellAnswered,
    task = () => problem(404, 'not_found'),
    stats = { status: 200, body: {} },
  } = answers;
  const requested: ReceivedRequest[] = [];
  const lookedUp: string[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const path = request.url ?? '';
      if (path !== '/infer') {
        lookedUp.push(path);
        reply(response, path === '/stats' ? stats : task(path.replace('/tasks/', ''), lookedUp.length));
        return;
      }
      const json: unknown = JSON.parse(body);
      const { text, texts = [text ?? ''] } = bodySchema.parse(json);
      const requestId = String(request.headers['x-request-id']);
      const one = { requestId, texts, headers: request.headers, body: json };
      requested.push(one);
      const answer = infer(one, requested.length);
      if (answer === 'reset') request.socket.destroy();
      else if (answer !== undefined) reply(response, answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requested, lookedUp };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, { status, body, delayMs = 0 }: FakeReply): void {
  setTimeout(() => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }, delayMs);
}

export function succeeded(requestId: string, more: object = {}): object {
  return {
    taskId: `task-${requestId}`,
    status: 'succeeded',
    label: 'POSITIVE',
    score: 0.9,
    deliveries: 1,
    workerId: 'worker-1',
    ...more,
  };
}

export function wellAnswered({ requestId, texts }: ReceivedRequest): FakeReply {
  const tasks = texts.map((_, slot) => succeeded(`${requestId}-${slot}`));
  return { status: 200, body: texts.length === 1 ? { requestId, ...tasks[0] } : { requestId, tasks } };
}

export function problem(status: number, code: string, more: object = {}): FakeReply {
  return {
    status,
    body: { type: 'about:blank', title: code, status, detail: `so it is: ${code}`, code, ...more },
  };
}
