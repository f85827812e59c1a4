import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { heartbeatSchema, type Heartbeat } from '../../../contracts/worker/worker.js';

export interface Beat {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly heartbeat: Heartbeat;
}

export interface FakeCoordinator {
  readonly url: string;
  readonly beats: readonly Beat[];
  stop(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const noContent: Answer = (_request, response) => void response.writeHead(204).end();

export async function startFakeCoordinator(answer: Answer = noContent): Promise<FakeCoordinator> {
  const beats: Beat[] = [];
  const server = createServer((request, response) => {
    void readJson(request).then((body) => {
      const { authorization } = request.headers;
      beats.push({ path: request.url, authorization, heartbeat: heartbeatSchema.parse(body) });
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    beats,
    async stop() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks = (await request.toArray()) as Buffer[];
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
