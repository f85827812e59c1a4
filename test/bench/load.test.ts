import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readBody } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeShape, startLoad, type Load, type LoadShape, type LoadTarget } from '../../bench/load.js';
import { eventually } from '../support/eventually.js';

const texts = ['a', 'b', 'c'];
const expected = texts.map((text) => ({ label: text.toUpperCase(), score: 0.5 }));
const requestSchema = z.object({ text: z.string().optional(), texts: z.array(z.string()).optional() });

interface FakeSystem {
  readonly url: string;
  /** The texts of each request, in order of arrival. */
  readonly received: readonly (readonly string[])[];
  readonly connections: () => number;
  readonly mostAtOnce: () => number;
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Answers with the text in capitals, as `POST /infer` would, except where `statusCodeOf` says otherwise. */
async function startFakeSystem(statusCodeOf = (_text: string) => 200): Promise<FakeSystem> {
  const received: string[][] = [];
  let [connections, atOnce, mostAtOnce] = [0, 0, 0];
  const server = createServer((request, response) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    void readBody(request).then((body) => {
      const { text, texts: many } = requestSchema.parse(JSON.parse(body));
      received.push(many ?? [text ?? '']);
      const tasks = (many ?? [text ?? '']).map((each) => ({
        status: 'succeeded',
        label: each.toUpperCase(),
        score: 0.5,
      }));
      atOnce--;
      response.writeHead(statusCodeOf(text ?? ''), { 'content-type': 'application/json' });
      response.end(JSON.stringify(many ? { requestId: 'x', tasks } : tasks[0]));
    });
  });
  server.on('connection', () => {
    connections++;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    connections: () => connections,
    mostAtOnce: () => mostAtOnce,
  };
}

function start(shape: LoadShape, target: LoadTarget, signal = new AbortController().signal): Load {
  const load = startLoad(shape, target, signal);
  closers.push(() => load.stop());
  return load;
}

describe('a closed loop', () => {
  it('walks through the texts, one request a client at a time, one connection each', async () => {
    const system = await startFakeSystem();
    const load = start({ clients: 2, textsPerRequest: 1 }, { url: system.url, texts, expected });
    const close = load.openWindow();
    await eventually(() => system.received.length > 20);
    const { tasks, latenciesMs, elapsedMs } = close();
    await load.stop();
    expect(load.errors()).toEqual({ count: 0, complaints: [] });
    expect(tasks).toBeGreaterThan(10);
    expect(latenciesMs).toHaveLength(tasks);
    expect(elapsedMs).toBeGreaterThan(0);
    expect(system.connections()).toBe(2);
    expect(system.mostAtOnce()).toBeLessThanOrEqual(2);
    expect(new Set(system.received.flat())).toEqual(new Set(texts));
  });

  it('sends and counts texts by the array', async () => {
    const system = await startFakeSystem();
    const load = start({ clients: 1, textsPerRequest: 2 }, { url: system.url, texts, expected });
    const close = load.openWindow();
    await eventually(() => system.received.length > 5);
    const { tasks, latenciesMs } = close();
    await load.stop();
    expect(system.received.slice(0, 4)).toEqual([['a', 'b'], ['c', 'a'], ['b', 'c'], ['a', 'b']]); // prettier-ignore
    expect(tasks).toBe(2 * latenciesMs.length);
    expect(load.errors().count).toBe(0);
  });

  it('counts nothing from outside of its window', async () => {
    const system = await startFakeSystem();
    const load = start({ clients: 1, textsPerRequest: 1 }, { url: system.url, texts });
    await eventually(() => system.received.length > 20);
    expect(load.openWindow()()).toMatchObject({ tasks: 0, latenciesMs: [] });
  });

  it('has an error for each wrong answer and goes on', async () => {
    const system = await startFakeSystem((text) => (text === 'b' ? 503 : 200));
    const wrongAboutC = expected.map((answer, index) => (index === 2 ? { ...answer, score: 0.6 } : answer));
    const load = start({ clients: 1, textsPerRequest: 1 }, { url: system.url, texts, expected: wrongAboutC });
    await eventually(() => load.errors().count >= 2);
    await load.stop();
    const [aboutB, aboutC] = load.errors().complaints;
    expect(aboutB).toMatch(/^status 503/);
    expect(aboutC).toBe('C 0.5 where the bare model says C 0.6');
  });

  it('counts a dead system as errors, without filling the memory with complaints', async () => {
    const load = start({ clients: 4, textsPerRequest: 2 }, { url: 'http://127.0.0.1:1', texts });
    await eventually(() => load.errors().count >= 16);
    expect(load.errors().complaints).toHaveLength(5);
    expect(load.openWindow()().tasks).toBe(0);
  });

  it('ends at once when asked to, answered or not', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1'); // never answers
    await once(server, 'listening');
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const requested = new AbortController();
    const load = start(
      { clients: 3, textsPerRequest: 1 },
      { url: `http://127.0.0.1:${port}`, texts },
      requested.signal,
    );
    requested.abort();
    await load.stop();
  });
});

describe('describeShape', () => {
  it.each([
    [{ clients: 1, textsPerRequest: 1 }, '1 client, 1 text a request'],
    [{ clients: 12, textsPerRequest: 32 }, '12 clients, 32 texts a request'],
  ])('%j', (shape, words) => expect(describeShape(shape)).toBe(words));
});
