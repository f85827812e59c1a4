import { afterEach, describe, expect, it } from 'vitest';
import { invokeResponseSchema } from '../../../../contracts/worker/invoke.js';
import { MAX_BODY_BYTES } from '../../../../functions/runtime/http/json-body.js';
import { eventually } from '../../../support/eventually.js';
import { rawRequest } from '../../../support/raw-request.js';
import { echo, startFakeWorker, type FakeWorker, type FakeWorkerOptions } from '../../support/fake-worker.js';
import { ask, invoke, invokeOf, type Ask } from '../../support/invoke.js';

let worker: FakeWorker | undefined;
const start = async (options?: FakeWorkerOptions): Promise<FakeWorker> =>
  (worker = await startFakeWorker(options));
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});

describe('POST /invoke', () => {
  it('answers one outcome a task, in their order', async () => {
    const { url } = await start();
    const { status, body } = await invoke(url, ['good', 'bad']);
    expect(status).toBe(200);
    const { workerId, outcomes, timings } = invokeResponseSchema.parse(body);
    expect(workerId).toBe('worker-7');
    expect(outcomes).toEqual([
      { taskId: 'batch-0', status: 'succeeded', label: 'good', score: 1, tokens: 1 },
      { taskId: 'batch-1', status: 'succeeded', label: 'bad', score: 1, tokens: 1 },
    ]);
    expect(timings).toMatchObject({ tokenizeMs: 1, computeMs: 2 });
    expect(timings.totalMs).toBeGreaterThan(0);
  });

  it('counts what it served and failed', async () => {
    const { url } = await start({ faults: 'partial=1' });
    await invoke(url, ['a', 'b', 'c', 'd']);
    const { body } = await ask(url, '/healthz');
    expect(body).toMatchObject({ served: 2, failed: 2, inFlight: 0, p50Ms: 2, p95Ms: 2 });
  });

  it('tells which batches are in hand; one that hangs is in none', async () => {
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const { url } = await start({ run: (inputs) => held.then(() => echo(inputs)) });
    const computing = async () => ((await ask(url, '/healthz')).body as { computing?: unknown }).computing;
    const slow = invoke(url, ['slow']);
    await eventually(async () => expect(await computing()).toEqual(['batch']));
    end();
    await slow;
    await eventually(async () => expect(await computing()).toEqual([]));
    await ask(url, '/faults', { method: 'PUT', json: { faults: 'hang=1' } });
    const over = new AbortController();
    const hung = invoke(url, ['hung'], { signal: over.signal }).catch(() => undefined);
    await eventually(() => worker?.logLines.some(({ event }) => event === 'fault.injected') ?? false);
    expect(await computing()).toEqual([]);
    over.abort();
    await hung;
  });

  it('expires what is past its deadline', async () => {
    const { url } = await start();
    const task = { taskId: 'batch-0', text: 'late', deadlineAt: '2020-01-01T00:00:00.000Z' };
    const { body } = await invoke(url, [], { json: { ...invokeOf(), tasks: [task] } });
    expect(body).toMatchObject({ outcomes: [{ taskId: 'batch-0', status: 'expired' }] });
  });

  it.each<[string, Ask, number, string]>([
    ['no token', { token: '' }, 401, 'unauthorized'],
    ['another token', { token: 'guessed' }, 401, 'unauthorized'],
    ['broken JSON', { raw: '{"batchId":' }, 400, 'invalid_request'],
    ['no tasks', { json: { ...invokeOf(), tasks: [] } }, 400, 'invalid_request'],
    ['a delivery of 0', { json: { ...invokeOf('a'), delivery: 0 } }, 400, 'invalid_request'],
    ['no body', { json: undefined }, 400, 'invalid_request'],
    ['another content type', { contentType: 'text/plain' }, 415, 'unsupported_media_type'],
    ['a body that is too large', { raw: ' '.repeat(MAX_BODY_BYTES + 1) }, 413, 'too_large'],
  ])('refuses %s', async (_, request, status, code) => {
    const { url } = await start();
    const reply = await invoke(url, ['fine'], request);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toMatch('application/problem+json');
    expect(reply.body).toMatchObject({ status, code });
  });

  it('says which field is wrong', async () => {
    const { url } = await start();
    const { body } = await invoke(url, [], {
      json: { ...invokeOf('a'), tasks: [{ taskId: 'x', text: '' }] },
    });
    expect(body).toMatchObject({ errors: [{ path: 'tasks.0.text' }] });
  });
});

describe('GET /healthz', () => {
  it('is open and says who this is', async () => {
    const { url } = await start();
    const { status, body } = await ask(url, '/healthz', { token: '' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ workerId: 'worker-7', model: 'fake', state: 'up' });
  });

  it.each(['10.1.2.3', 'evil.example'])('says no more than its status to who calls it %s', async (host) => {
    const { url } = await start();
    const { status, text } = await rawRequest(`${url}/healthz`, { headers: { host } });
    expect([status, JSON.parse(text)]).toEqual([200, { status: 'ok' }]);
  });
});

describe('another path', () => {
  it('is not found', async () => {
    const { url } = await start();
    expect(await ask(url, '/elsewhere')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await ask(url, '/invoke')).toMatchObject({ status: 404 });
  });
});
