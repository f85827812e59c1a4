import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, isConnectFailure } from '../../../../client/http.js';
import { startOpenLoop, type LoadClock } from '../../../../tools/kit/load/open-loop.js';

/** Time passes when the test says so, and can jump, as it does for a process that was stalled. */
class SteppedClock implements LoadClock {
  #nowMs = 1000;
  #timers: { readonly atMs: number; readonly call: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  timer(delayMs: number, call: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, call };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  /** Fires what is due at its own time, or, stalled, all of it at the end. */
  advance(ms: number, stalled = false): void {
    const untilMs = this.#nowMs + ms;
    if (stalled) this.#nowMs = untilMs;
    for (let due = this.#due(untilMs); due !== undefined; due = this.#due(untilMs)) {
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.call();
    }
    this.#nowMs = untilMs;
  }

  #due(untilMs: number) {
    return this.#timers.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
  }
}

const REQUESTS = [0, 10, 10, 30, 100].map((atMs, index) => ({ atMs, index }));

function start(clock: SteppedClock, signal = new AbortController().signal) {
  const sent: { readonly index: number; readonly atMs: number; readonly plannedAtMs: number }[] = [];
  const load = startOpenLoop({
    requests: REQUESTS,
    send: ({ index }, plannedAtMs) =>
      sent.push({ index, atMs: clock.now() - 1000, plannedAtMs: plannedAtMs - 1000 }),
    signal,
    clock,
  });
  return { sent, load };
}

describe('an open loop', () => {
  it('sends each request at its planned time, whatever becomes of the ones before it', async () => {
    const clock = new SteppedClock();
    const { sent, load } = start(clock);
    clock.advance(100);
    await load.allSent;
    expect(sent.map(({ index, atMs }) => [index, atMs])).toEqual([
      [0, 0],
      [1, 10],
      [2, 10],
      [3, 30],
      [4, 100],
    ]);
  });

  it('sends all that is due after a stall of its own, and says when it was planned', () => {
    const clock = new SteppedClock();
    const { sent } = start(clock);
    clock.advance(60, true);
    expect(sent.map(({ index, atMs, plannedAtMs }) => [index, atMs, plannedAtMs])).toEqual([
      [0, 0, 0],
      [1, 60, 10],
      [2, 60, 10],
      [3, 60, 30],
    ]);
  });

  it('sends nothing more once it is told to stop', async () => {
    const clock = new SteppedClock();
    const stop = new AbortController();
    const { sent, load } = start(clock, stop.signal);
    clock.advance(20);
    stop.abort();
    await load.allSent;
    clock.advance(100);
    expect(sent.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it('sends nothing more either where the sending itself is what stops it', async () => {
    const clock = new SteppedClock();
    const stop = new AbortController();
    const sent: number[] = [];
    const load = startOpenLoop({
      requests: REQUESTS,
      send: ({ index }) => {
        sent.push(index);
        if (index === 1) stop.abort();
      },
      signal: stop.signal,
      clock,
    });
    clock.advance(200);
    await load.allSent;
    expect(sent).toEqual([0, 1]);
  });
});

describe('the client of a load', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function startServer(headers: Readonly<Record<string, string>>) {
    const seen: { readonly url: string; readonly headers: NodeJS.Dict<string | string[]> }[] = [];
    const server = createServer((request, response) => {
      seen.push({ url: request.url ?? '', headers: request.headers });
      response.writeHead(503, headers);
      response.end('not now');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  }

  function clientOf(url: string, apiKey?: string) {
    const client = createHttpClient({ url, connections: 2, timeoutMs: 5000, apiKey });
    closers.push(() => client.close());
    return client;
  }

  it('hands on status, body and when to come back', async () => {
    const { url, seen } = await startServer({ 'retry-after': '3' });
    const reply = await clientOf(url, 'secret').send({
      method: 'POST',
      path: '/infer',
      headers: { prefer: 'wait=1' },
      body: '{}',
    });
    expect(reply).toEqual({ status: 503, body: 'not now', retryAfterMs: 3000 });
    expect(seen[0]).toMatchObject({
      url: '/infer',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json', prefer: 'wait=1' },
    });
  });

  it('leaves out when to come back where nobody says so in words that can be read', async () => {
    const { url } = await startServer({ 'retry-after': 'soon' });
    expect(await clientOf(url).send({ method: 'GET', path: '/' })).toEqual({ status: 503, body: 'not now' });
  });

  it('gives up on an answer when it is told to', async () => {
    const server = createServer(() => undefined); // which never answers
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const giveUp = new AbortController();
    const ask = () => client.send({ method: 'GET', path: '/', signal: giveUp.signal });
    const outcomes = Promise.allSettled([ask(), ask(), ask()]); // the third has no connection
    await once(server, 'request');
    giveUp.abort(new Error('enough'));
    const all = [...(await outcomes), ...(await Promise.allSettled([ask()]))];
    expect(all.map((one) => (one.status === 'rejected' ? String(one.reason) : one.status))).toEqual(
      new Array(4).fill('Error: enough'),
    );
  });

  it('tells a request that reached nobody from one that broke off', async () => {
    const server = createServer((request) => request.socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const brokenOff = await client.send({ method: 'GET', path: '/' }).catch((error: unknown) => error);
    expect(brokenOff).toBeInstanceOf(Error);
    expect(isConnectFailure(brokenOff)).toBe(false);
    server.close();
    await once(server, 'close');
    const refused = await client.send({ method: 'GET', path: '/' }).catch((error: unknown) => error);
    expect(isConnectFailure(refused)).toBe(true);
  });
});
