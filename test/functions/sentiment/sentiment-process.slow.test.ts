import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { invokeResponseSchema } from '../../../contracts/worker/invoke.js';
import { eventually } from '../../support/eventually.js';
import { readyUrl, startSentimentProcess, type WorkerProcess } from '../support/built.js';
import { ask, invoke } from '../support/invoke.js';

const processes: WorkerProcess[] = [];
const start = (environment?: Readonly<Record<string, string>>): WorkerProcess => {
  const started = startSentimentProcess(environment);
  processes.push(started);
  return started;
};
afterEach(() => {
  for (const { child } of processes.splice(0)) child.kill('SIGKILL');
});

describe('the sentiment process', () => {
  it('answers with the bundled model, and ends with 0 on SIGTERM', async () => {
    const worker = start();
    const url = await readyUrl(worker);
    expect((await ask(url, '/healthz')).body).toMatchObject({ model: 'bundled', state: 'up' });
    const { body } = await invoke(url, ['I love this', 'What a waste of time']);
    expect(invokeResponseSchema.parse(body).outcomes).toMatchObject([
      { label: 'POSITIVE' },
      { label: 'NEGATIVE' },
    ]);
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toEqual([0, null]);
  });

  it('ends with 0 when it is stopped in the middle of a run', async () => {
    const worker = start();
    const url = await readyUrl(worker);
    const longTexts = Array.from({ length: 20 }, () => 'so good '.repeat(500));
    const reply = invoke(url, longTexts);
    await eventually(async () => (await ask(url, '/healthz')).text.includes('"inFlight":1'));
    worker.child.kill('SIGTERM');
    expect((await reply).status).toBe(200);
    expect(await worker.exited).toEqual([0, null]);
  });

  it('dies of an injected crash, which it has announced and logged', async () => {
    const worker = start({ FAULTS: 'crash=1' });
    const announced: string[] = [];
    await expect(invoke(await readyUrl(worker), ['a'], { announced })).rejects.toThrow();
    expect(await worker.exited).toEqual([null, 'SIGKILL']);
    expect(announced).toEqual(['102 crash']);
    expect(worker.output()).toContain('"kind":"crash"');
  });

  it.each([
    [{ WORKER_TOKEN: '' }, 'WORKER_TOKEN is not set'],
    [{ FAULTS: 'eror=1' }, 'FAULTS=eror=1 cannot be used'],
    [{ MODEL: './no/such/folder' }, 'MODEL=./no/such/folder cannot be used: there is no folder'],
    [
      { MODEL: 'some/model', HF_ENDPOINT: 'http://127.0.0.1:1' },
      'MODEL=some/model cannot be used: http://127.0.0.1:1',
    ],
  ])('does not start with %o, says why, and exits with 1', async (environment, reason) => {
    const worker = start(environment);
    expect(await worker.firstMessage).toMatchObject({
      type: 'failed',
      message: expect.stringContaining(reason) as string,
    });
    expect(await worker.exited).toEqual([1, null]);
  });

  it('does not start on a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const worker = start({ PORT: String(port) });
    expect(await worker.firstMessage).toMatchObject({
      message: `127.0.0.1:${port} is in use by another program`,
    });
    expect(await worker.exited).toEqual([1, null]);
    other.close();
  });
});
