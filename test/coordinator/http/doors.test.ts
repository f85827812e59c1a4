/** Web pages and strangers get nothing from the coordinator. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { StackUnavailableError } from '../../../contracts/errors/errors.js';
import { asciiJson } from '../../../contracts/common/text.js';
import { WorkerAddresses } from '../../../coordinator/workers/worker-addresses.js';
import { eventually } from '../../support/eventually.js';
import { startHttpCoordinator, WORKER_TOKEN, type HttpCoordinator } from '../../support/http-coordinator.js';
import { rawRequest } from '../../support/raw-request.js';
import { heartbeatOf } from '../../support/running-coordinator.js';
import { messageOf, sampleBatch } from '../../support/sample-batch.js';

const KEY = 'key-of-the-clients';
const PATHS = [
  '/',
  '/docs',
  '/docs/start.js',
  '/openapi.json',
  '/readyz',
  '/tasks',
  '/workers',
  '/stats',
  '/metrics',
  '/events',
  '/nowhere',
];
const JSON_TYPE = { 'content-type': 'application/json' };

let open: HttpCoordinator;
let closed: HttpCoordinator;
beforeAll(async () => {
  open = await startHttpCoordinator({
    allowedHosts: ['boomerang.example.com'],
    workerAddresses: new WorkerAddresses(['*.test']),
  });
  closed = await startHttpCoordinator({ apiKey: KEY });
});
afterAll(() => Promise.all([open.stop(), closed.stop()]));

describe('a page whose name was pointed at this machine', () => {
  it.each(PATHS)('reads nothing of %s, not even why', async (path) => {
    for (const { url } of [open, closed]) {
      const answer = await rawRequest(`${url}${path}`, {
        headers: { host: `evil.example:${new URL(url).port}`, 'sec-fetch-site': 'same-origin' },
      });
      expect(answer.status).toBe(421);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'host_not_allowed', status: 421 });
    }
  });

  it('puts nothing in', async () => {
    const headers = { ...JSON_TYPE, host: 'evil.example', origin: 'http://evil.example' };
    const body = '{"text":"forged"}';
    expect((await rawRequest(`${open.url}/infer`, { method: 'POST', headers, body })).status).toBe(421);
    expect((await rawRequest(`${open.url}/healthz`, { headers: { host: '10.1.2.3' } })).status).toBe(200);
  });
});

describe('a page of another origin', () => {
  it.each(PATHS)('gets nothing of %s', async (path) => {
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
    ]) {
      const answer = await rawRequest(`${open.url}${path}`, { headers: headers });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'origin_not_allowed' });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('takes no task in, by form or by text, and gets no leave to ask', async () => {
    const origin = 'http://evil.example';
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
      const headers = { origin, 'content-type': type };
      const answer = await rawRequest(`${open.url}/infer`, {
        method: 'POST',
        headers,
        body: '{"text":"forged"}',
      });
      expect(answer.status).toBe(403);
    }
    const preflight = await rawRequest(`${open.url}/infer`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    expect((await open.call('/tasks')).body).toMatchObject({ tasks: [] });
  });
});

describe('the dashboard', () => {
  it('works under every name of this machine, and by a link from elsewhere', async () => {
    const { port } = new URL(open.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'boomerang.example.com']) {
      const same = { host, 'sec-fetch-site': 'same-origin', origin: `http://${host}` };
      for (const path of ['/', '/dashboard/main.js', '/stats'])
        expect((await rawRequest(`${open.url}${path}`, { headers: same })).status).toBe(200);
    }
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    for (const path of ['/', '/docs'])
      expect((await rawRequest(`${open.url}${path}`, { headers: link })).status).toBe(200);
  });
});

describe('an answer', () => {
  it('is kept by nobody on the way and taken for nothing else, but for the files of pages', async () => {
    const answers = [
      ...[
        '/healthz',
        '/readyz',
        '/tasks',
        '/workers',
        '/stats',
        '/metrics',
        '/openapi.json',
        '/nowhere',
        '/dead-letters',
      ].map((path) => open.call(path)),
      open.post({ text: 'fine' }),
      open.post('{'),
      closed.call('/tasks'),
    ];
    for (const { headers } of await Promise.all(answers)) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    }
    const cached = async (path: string) => (await open.call(path)).headers.get('cache-control');
    expect(await cached('/')).toBe('no-cache');
    expect(await cached('/docs/swagger-ui.css')).toBe('public, max-age=3600');
  });
});

describe('GET /readyz', () => {
  it('tells the reason to everybody, and where things are to those who have the key', async () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:4566');
    vi.spyOn(closed.queue, 'depth').mockRejectedValue(new StackUnavailableError('GetQueueAttributes', cause));
    onTestFinished(() => void vi.restoreAllMocks());
    const without = await closed.call('/readyz');
    expect(without).toMatchObject({ status: 503, body: { reasons: ['GetQueueAttributes failed'] } });
    const headers = { authorization: `Bearer ${KEY}` };
    const reasons = ['GetQueueAttributes failed: connect ECONNREFUSED 127.0.0.1:4566'];
    expect(await closed.call('/readyz', { headers })).toMatchObject({ status: 503, body: { reasons } });
    const wrong = await closed.call('/readyz', { headers: { authorization: `Bearer ${KEY}x` } });
    expect(wrong.body).toEqual(without.body);
  });
});

describe('a heartbeat', () => {
  const beat = (id: string, changes: object = {}) =>
    open.call(`/workers/${encodeURIComponent(id)}/heartbeat`, {
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: `Bearer ${WORKER_TOKEN}` },
      body: JSON.stringify({ ...heartbeatOf('worker-1'), ...changes }),
    });

  it.each([
    'http://169.254.169.254',
    'http://metadata.google.internal',
    'http://10.0.0.1:9001',
    'http://evil.example',
  ])('that names %s is refused, and the worker never asked', async (address) => {
    expect(await beat('worker-66', { address })).toMatchObject({
      status: 403,
      body: { code: 'address_not_allowed' },
    });
    expect(open.coordinator.registry.all().map(({ id }) => id)).not.toContain('worker-66');
    expect((await open.workers.list()).map(({ id }) => id)).not.toContain('worker-66');
  });

  it.each([
    'http://worker-1.test/latest',
    'http://a:b@worker-1.test',
    'http://worker-1.test?x=',
    'file:///etc/passwd',
    'x',
  ])('that names %s cannot be understood', async (address) => {
    expect((await beat('worker-66', { address })).status).toBe(400);
  });

  it.each<object>([
    { faults: 'x'.repeat(5000) },
    { model: 'x'.repeat(400_000) },
    { address: `http://${'x'.repeat(300)}.test` },
    { startedAt: `2026-01-01T00:00:00.${'0'.repeat(400_000)}Z` },
    { computing: ['x'.repeat(129)] },
    { computing: Array.from({ length: 257 }, String) },
    { injected: { [`e${'x'.repeat(64)}`]: 1 } },
    { injected: { 'a b': 1 } },
    { injected: { constructor: 1 } },
    { injected: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`kind-${at}`, 1])) },
  ])('that says more than a worker can is refused: %#', async (changes) => {
    expect(await beat('worker-69', changes)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect((await open.call('/metrics')).body).not.toContain('worker-69');
  });

  it.each([
    'worker 1',
    '../worker-1',
    'worker-1\n',
    'x'.repeat(65),
    '<b>',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
  ])('of %j cannot be understood', async (id) => {
    expect((await beat(id)).status).toBe(400);
  });

  it('that somebody wrote into the table is looked at like any other', async () => {
    const now = Date.now();
    const row = {
      ...heartbeatOf('worker-67'),
      id: 'worker-67',
      heartbeatAtMs: now,
      address: 'http://169.254.169.254',
    };
    await open.workers.put(row);
    await open.workers.put({ ...row, id: 'worker-68', address: 'http://worker-68.test' });
    await open.coordinator.heartbeats.refresh();
    const known = open.coordinator.registry.all().map(({ id }) => id);
    expect(known).toContain('worker-68');
    expect(known).not.toContain('worker-67');
    expect(open.log.filter(({ event }) => event === 'worker.address_refused')).not.toEqual([]);
  });
});

describe('a forged message', () => {
  it('with a time that no date can hold hurts nobody', async () => {
    const message = messageOf(sampleBatch());
    for (const createdAtMs of [8.64e15 + 1, -1, 1e300])
      open.queue.put(asciiJson({ ...message, createdAtMs }));
    open.queue.put(asciiJson({ ...message, inputs: [{ ...message.inputs[0], deadlineAtMs: 9e15 }] }));
    await eventually(() => open.log.filter(({ event }) => event === 'message.unreadable').length >= 4);
    expect((await open.call('/tasks')).status).toBe(200);
    expect((await open.call('/tasks?status=open')).status).toBe(200);
    expect((await open.post({ text: 'fine' })).status).toBe(200);
  });
});
