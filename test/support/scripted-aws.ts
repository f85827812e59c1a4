/** A server that answers calls of the SDK as a test says, for what no emulator does; gone when the test ends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Clients } from '../../infra/aws/clients.js';
import { clientsOf } from './embedded.js';

export interface ScriptedAnswer {
  readonly status: number;
  readonly body: object;
}

/** @param answer of an operation, such as `CreateTable`, to the JSON of its request */
export async function scriptedAws(
  answer: (operation: string, body: string) => ScriptedAnswer,
): Promise<Clients> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
      const answered = answer(operation, body);
      response.writeHead(answered.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answered.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    clients.close();
    server.closeAllConnections();
    server.close();
  });
  return clients;
}
