import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.js';
import { tempFolder } from '../../../support/temp-folder.js';
import { startFakeWorker, type FakeWorker, type FakeWorkerOptions } from '../../support/fake-worker.js';
import { ask, invoke } from '../../support/invoke.js';

let worker: FakeWorker | undefined;
const start = async (options: FakeWorkerOptions): Promise<FakeWorker> =>
  (worker = await startFakeWorker(options));
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});

const put = (url: string, faults: unknown, token?: string) =>
  ask(url, '/faults', { method: 'PUT', json: { faults }, token });

describe('/faults', () => {
  it('shows, changes and clears the plan while the worker runs', async () => {
    const { url } = await start({ faults: 'demo' });
    expect((await ask(url, '/faults')).body).toMatchObject({ faults: 'demo' });
    expect(await put(url, 'error=1.0')).toMatchObject({ status: 200, body: { faults: 'error=1' } });
    expect((await invoke(url, ['a'])).status).toBe(500);
    expect((await ask(url, '/faults', { method: 'DELETE' })).body).toMatchObject({ faults: 'none' });
    expect((await invoke(url, ['a'])).status).toBe(200);
  });

  it('refuses without the token, and what is no plan', async () => {
    const { url } = await start({});
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      expect((await ask(url, '/faults', { method, json: { faults: 'none' }, token: 'guessed' })).status).toBe(
        401,
      );
    }
    const refused = await put(url, 'eror=1');
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(refused.text).toContain('is no fault; expected none, demo, storm');
    expect((await put(url, 5)).status).toBe(400);
    expect((await ask(url, '/faults')).body).toMatchObject({ faults: 'none' });
  });
});

describe('a fault that passes', () => {
  const putFor = (url: string, json: object) => ask(url, '/faults', { method: 'PUT', json });
  const statuses = async (url: string, count: number): Promise<readonly number[]> => {
    const replies: number[] = [];
    for (let nth = 0; nth < count; nth += 1) replies.push((await invoke(url, ['a'])).status);
    return replies;
  };

  it('meets the next three invokes, and no other', async () => {
    const { url } = await start({});
    const set = await putFor(url, { faults: 'error=0.1', count: 3 });
    expect(set).toMatchObject({ status: 200, body: { faults: 'error=0.1', countLeft: 3 } });
    expect(await statuses(url, 5)).toEqual([500, 500, 500, 200, 200]);
    expect((await ask(url, '/faults')).body).toEqual({
      workerId: 'worker-7',
      faults: 'none',
      list: 'none',
      beneath: [],
    });
  });

  it('shows the time that is left, is over then, and says so in the log', async () => {
    const { url, logLines } = await start({ faults: 'delay=1' });
    const { body } = await putFor(url, { faults: 'error=1', forMs: 400 });
    expect(body).toMatchObject({ faults: 'error=1', beneath: [{ faults: 'delay=1' }] });
    expect((body as { leftMs: number }).leftMs).toBeGreaterThan(300);
    await eventually(async () => {
      expect((await ask(url, '/faults')).body).toMatchObject({ faults: 'delay=1', beneath: [] });
    });
    expect(await statuses(url, 1)).toEqual([200]);
    const changes = logLines.filter(({ event }) => event === 'faults.changed');
    expect(changes.map(({ fields }) => fields['faults'])).toEqual(['error=1', 'delay=1']);
  });

  it('refuses limits that make no sense', async () => {
    const { url } = await start({});
    expect((await putFor(url, { faults: 'error=1', count: 0 })).status).toBe(400);
    expect((await putFor(url, { faults: 'error=1', forMs: 'soon' })).status).toBe(400);
    expect((await ask(url, '/faults')).body).toMatchObject({ faults: 'none' });
  });

  it('outlasts its worker, as long as it has a file', async () => {
    const faultsFile = join(await tempFolder(), 'faults', 'worker-7.json');
    const first = await start({ config: { faultsFile }, faults: 'demo' });
    await putFor(first.url, { faults: 'poison=boom' });
    await putFor(first.url, { faults: 'error=1', count: 2 });
    await invoke(first.url, ['a']);
    await first.stop();
    const second = await start({ config: { faultsFile }, faults: 'demo' });
    expect((await ask(second.url, '/faults')).body).toMatchObject({
      faults: 'error=1',
      countLeft: 1,
      beneath: [{ faults: 'poison=boom' }],
    });
  });
});

describe('an injected fault', () => {
  it('is counted by kind, for heartbeats', async () => {
    const { url } = await start({ faults: 'error=1,delay=2' });
    await invoke(url, ['a']);
    await put(url, 'garbage=1');
    await invoke(url, ['a']);
    await invoke(url, ['a']);
    expect((await ask(url, '/healthz')).body).toMatchObject({ injected: { error: 1, delay: 1, garbage: 2 } });
  });

  it('is logged and announced before it takes effect', async () => {
    const { url, logLines } = await start({ faults: 'error=1' });
    const reply = await invoke(url, ['a', 'b']);
    expect(reply.status).toBe(500);
    expect(reply.body).toMatchObject({ code: 'injected_error' });
    expect(reply.announced).toEqual(['102 error']);
    expect(logLines).toContainEqual({
      event: 'fault.injected',
      fields: { batchId: 'batch', delivery: 2, kind: 'error', workerId: 'worker-7' },
    });
  });

  it('announces and logs both where it comes with a delay, the delay last', async () => {
    const { url, logLines } = await start({ faults: 'error=1,delay=5' });
    expect((await invoke(url, ['a'])).announced).toEqual(['102 error, delay']);
    const kinds = logLines
      .filter(({ event }) => event === 'fault.injected')
      .map(({ fields }) => fields['kind']);
    expect(kinds).toEqual(['error', 'delay']);
  });

  it('delay: the answer waits', async () => {
    const { url } = await start({ faults: 'delay=60' });
    const { body, announced } = await invoke(url, ['a']);
    expect(body).toMatchObject({ outcomes: [{ status: 'succeeded' }] });
    expect((body as { timings: { totalMs: number } }).timings.totalMs).toBeGreaterThan(55);
    expect(announced).toEqual(['102 delay']);
  });

  it('drop: the connection is reset after the announcement', async () => {
    const { url } = await start({ faults: 'drop=1' });
    const announced: string[] = [];
    await expect(invoke(url, ['a'], { announced })).rejects.toThrow(/ECONNRESET|other side closed/);
    expect(announced).toEqual(['102 drop']);
  });

  it('crash: the process is told to end, after the announcement', async () => {
    const { url, crashes } = await start({ faults: 'crash=1', drainMs: 0 });
    const announced: string[] = [];
    const gone = new AbortController();
    const reply = invoke(url, ['a'], { announced, signal: gone.signal }).catch(() => 'gone');
    await eventually(() => crashes() === 1 && announced.length === 1);
    gone.abort();
    expect(await reply).toBe('gone');
    expect(announced).toEqual(['102 crash']);
  });

  it('poison: a word crashes, other texts do not', async () => {
    const { url, crashes } = await start({ faults: 'poison=boom', drainMs: 0 });
    expect((await invoke(url, ['all is well'])).status).toBe(200);
    const gone = new AbortController();
    const reply = invoke(url, ['fine', 'it goes boom'], { signal: gone.signal }).catch(() => 'gone');
    await eventually(() => crashes() === 1);
    gone.abort();
    await reply;
  });

  it('partial: half of the tasks fail, the others are answered', async () => {
    const { url } = await start({ faults: 'partial=1' });
    const { body, announced } = await invoke(url, ['a', 'b']);
    const { outcomes } = body as { outcomes: { status: string }[] };
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['failed', 'succeeded']);
    expect(announced).toEqual(['102 partial']);
  });

  it('garbage: 200 with a body that cannot be read', async () => {
    const { url } = await start({ faults: 'garbage=1' });
    const reply = await invoke(url, ['a']);
    expect(reply.status).toBe(200);
    expect(reply.body).toBeUndefined();
    expect(reply.announced).toEqual(['102 garbage']);
  });

  it('late: the right answer comes when the time given has passed', async () => {
    const { url } = await start({ faults: 'late=1@120' });
    const startedAtMs = performance.now();
    const { body, announced } = await invoke(url, ['a']);
    expect(performance.now() - startedAtMs).toBeGreaterThan(115);
    expect(body).toMatchObject({ outcomes: [{ status: 'succeeded' }] });
    expect(announced).toEqual(['102 late']);
  });

  it('hang: no answer, but nobody else is held up', async () => {
    const { url } = await start({ faults: 'hang=1' });
    const announced: string[] = [];
    const gone = new AbortController();
    const hung = invoke(url, ['never'], { announced, signal: gone.signal }).catch(() => 'gone');
    await eventually(() => announced.length === 1);
    await put(url, 'none');
    expect((await invoke(url, ['next'])).status).toBe(200);
    expect((await ask(url, '/healthz')).body).toMatchObject({ inFlight: 0, failed: 1, served: 1 });
    expect(announced).toEqual(['102 hang']);
    gone.abort();
    expect(await hung).toBe('gone');
  });
});
