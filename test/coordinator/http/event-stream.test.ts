import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventStream } from '../../../coordinator/http/event-stream.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';

/** More than the kernels of both sides hold for one connection. */
const MUCH = 'x'.repeat(20_000_000);

/** The answer to a client that has opened a stream and reads nothing of it. */
async function answerToStuckClient() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const requested = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const request = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  request.on('error', () => undefined);
  request.on('response', (response) => response.on('error', () => undefined).pause());
  onTestFinished(() => {
    request.destroy();
    server.closeAllConnections();
    server.close();
  });
  const [, response] = await requested;
  const errors: unknown[] = [];
  response.on('error', (error) => errors.push(error));
  return { response, errors };
}

describe('an event stream whose client reads nothing', () => {
  it.each([
    ['while it is open', false],
    ['after its end, to which nothing can be written', true],
  ])('is cut after half a minute: %s', async (_when, isEnded) => {
    const clock = new ManualClock();
    const { response, errors } = await answerToStuckClient();
    const stream = new EventStream(response as Response, clock);
    stream.send({ event: 'task', data: JSON.stringify(MUCH) });
    if (isEnded) stream.end();
    await eventually(() => response.socket?.writableLength);
    for (let passedMs = 0; passedMs < 30_000; passedMs += 10_000) {
      clock.advance(10_000);
      await new Promise(setImmediate);
      expect(response.destroyed).toBe(false);
    }
    clock.advance(10_000);
    await eventually(() => response.destroyed);
    expect(errors).toEqual([]);
    await eventually(() => clock.pendingTimers === 0);
  });
});
