import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { HttpFunctionClient } from '../../../coordinator/workers/http-function-client.js';
import { WorkerAddresses } from '../../../coordinator/workers/worker-addresses.js';

const SECRET = 'what a metadata service would say';
const invoke = { batchId: 'b', batchNumber: 1, delivery: 1, tasks: [{ taskId: 'b-0', text: 'x' }] };
const answerWith = (outcome: object) => ({
  workerId: 'w',
  outcomes: [{ taskId: 'b-0', ...outcome }],
  timings: { tokenizeMs: 0, computeMs: 0, totalMs: 0 },
});

async function errorOf(status: number, body: string): Promise<unknown> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new HttpFunctionClient('token', new WorkerAddresses([]));
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const invokeCall = { signal: new AbortController().signal, onFault: () => undefined };
  return client.invoke({ id: 'w', address }, invoke, invokeCall).catch((error: unknown) => error);
}

it.each([
  [
    200,
    JSON.stringify(answerWith({ status: 'succeeded', label: SECRET, score: 12, tokens: 1 })),
    'broken_answer',
    "the worker's answer cannot be used: outcomes.0.score: expected a number from 0 to 1",
  ],
  [200, SECRET, 'broken_answer', "the worker's answer cannot be used: it is no answer to an invoke"],
  [500, SECRET, 'http_500', 'the worker answered 500'],
  [
    500,
    JSON.stringify({ code: 'injected_error', detail: SECRET }),
    'http_500',
    'the worker answered 500: injected_error',
  ],
  [404, JSON.stringify({ code: SECRET }), 'http_404', 'the worker answered 404'],
])('a broken answer is told by its field, and never quoted: %i %s', async (status, body, code, message) => {
  expect(await errorOf(status, body)).toMatchObject({ code, message });
});

it('a fault that no worker injects is announced as unknown, whatever it is called', async () => {
  const server = createServer((_request, response) => {
    response.socket?.write('HTTP/1.1 102 Processing\r\nboomerang-fault: delay, made-up, __proto__\r\n\r\n');
    response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new HttpFunctionClient('token', new WorkerAddresses([]));
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const announced: string[] = [];
  const invokeCall = {
    signal: new AbortController().signal,
    onFault: (kind: string) => void announced.push(kind),
  };
  await expect(client.invoke({ id: 'w', address }, invoke, invokeCall)).rejects.toMatchObject({
    code: 'http_500',
  });
  expect(announced).toEqual(['delay', 'unknown', 'unknown']);
});
