import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { PATIENCE, startFixture, type StartOptions, type TestProcess } from '../../support/process/child.js';
import { newDiary, readDiary } from '../../support/process/diary.js';

const start = (options: StartOptions): TestProcess => startFixture('fake-child.mjs', options);

async function startReady(options: StartOptions = {}): Promise<{ process: TestProcess; url: string }> {
  const process = start({ supervised: true, ...options });
  const { url } = await process.message('ready');
  return { process, url: String(url) };
}

describe('a process that starts', () => {
  it('tells its supervisor where it answers, and logs it', async () => {
    const { process, url } = await startReady();
    expect(await (await fetch(url)).text()).toBe('alive');
    const line: unknown = await eventually((): unknown => JSON.parse(process.stdout()));
    expect(line).toMatchObject({ level: 'info', process: 'fake', pid: process.pid, url, msg: 'fake.ready' });
  });

  it('needs no supervisor', async () => {
    const process = start({});
    await eventually(() => process.stdout().includes('fake.ready'), PATIENCE);
    process.child.kill('SIGTERM');
    expect(await process.end()).toBe(0);
  });

  it('logs readable lines where LOG_FORMAT says so', async () => {
    const process = start({ environment: { LOG_FORMAT: 'pretty' } });
    await eventually(() => process.stdout().includes('fake.ready'), PATIENCE);
    expect(process.stdout()).not.toContain('{"level"');
  });
});

describe('a process that cannot start', () => {
  it('says why on stderr and ends with 1', async () => {
    const process = start({ environment: { FAKE_FAILURE: 'the model is not there' } });
    expect(await process.end()).toBe(1);
    expect(process.stderr()).toBe('fake cannot start: the model is not there\n');
  });

  it('tells its supervisor instead, if it has one', async () => {
    const process = start({ supervised: true, environment: { FAKE_FAILURE: 'the model is not there' } });
    expect(await process.message('failed')).toMatchObject({ message: 'the model is not there' });
    expect(await process.end()).toBe(1);
    expect(process.stderr()).toBe('');
  });

  it('names a setting that cannot be used', async () => {
    const process = start({ environment: { PORT: 'http' } });
    expect(await process.end()).toBe(1);
    expect(process.stderr()).toContain('PORT=http cannot be used');
  });

  it('names address and port that are in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const process = start({ environment: { PORT: String(port) } });
    expect(await process.end()).toBe(1);
    expect(process.stderr()).toContain(`127.0.0.1:${port} is in use`);
    other.close();
  });
});

describe('a process that is asked to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s stops and ends with 0', async (signal) => {
    const { process } = await startReady();
    process.child.kill(signal);
    expect(await process.end()).toBe(0);
    expect(process.stdout()).toContain('process.stopped');
  });

  it('while it starts finishes that first', async () => {
    const diary = newDiary();
    const process = start({ supervised: true, environment: { FAKE_START: 'slow', ...diary } });
    await eventually(() => readDiary(diary).includes('fake is starting'), PATIENCE);
    process.child.kill('SIGTERM');
    expect(await process.end()).toBe(0);
    expect(process.messages).toEqual([]);
    expect(readDiary(diary)).toEqual(['fake is starting', 'fake ready', 'fake stops', 'fake stopped']);
  });

  it('takes signals within a second for one', async () => {
    const diary = newDiary();
    const { process } = await startReady({ environment: { FAKE_STOP: 'slow', ...diary } });
    process.child.kill('SIGINT');
    await eventually(() => readDiary(diary).includes('fake stops'), PATIENCE);
    process.child.kill('SIGTERM');
    expect(await process.end()).toBe(0);
    expect(readDiary(diary)).toContain('fake stopped');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends at once by a later %s', async (signal, exitCode) => {
    const diary = newDiary();
    const { process } = await startReady({ environment: { FAKE_STOP: 'never', ...diary } });
    process.child.kill(signal);
    await eventually(() => readDiary(diary).includes('fake stops'), PATIENCE);
    await eventually(() => !process.child.kill(signal), PATIENCE);
    expect(await process.end()).toBe(exitCode);
  });
});

describe('a process whose supervisor is gone', () => {
  it('stops', async () => {
    const { process } = await startReady();
    process.child.disconnect();
    expect(await process.end()).toBe(0);
  });

  it('ends soon although it cannot stop', async () => {
    const { process } = await startReady({ environment: { FAKE_STOP: 'never' } });
    process.child.disconnect();
    expect(await process.end()).toBe(1);
    expect(process.stdout()).toContain('process.stop_timed_out');
  });

  it('ends soon although it still starts', async () => {
    const process = start({ supervised: true, environment: { FAKE_START: 'never' } });
    process.child.disconnect();
    expect(await process.end()).toBe(1);
  });
});

describe('a process with an error that nobody handles', () => {
  it('logs it and ends with 1', async () => {
    const { process, url } = await startReady();
    await fetch(`${url}/reject`).catch(() => undefined);
    expect(await process.end()).toBe(1);
    const line = process
      .stdout()
      .split('\n')
      .find((text) => text.includes('process.crashed'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'fatal',
      origin: 'unhandledRejection',
      error: { message: 'nobody handles this' },
    });
  });
});
