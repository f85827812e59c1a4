import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type * as ModelHostModule from '../../../../functions/runtime/host/model-host.js';
import type { FunctionLimits, ModelHost } from '../../../../functions/runtime/host/model-host.js';
import { createSystemClock } from '../../../../infra/process/system-clock.js';
import { eventually } from '../../../support/eventually.js';
import { tempFolder } from '../../../support/temp-folder.js';
import type { LogLine } from '../../../support/running-coordinator.js';
import { builtFile } from '../../support/built.js';

const { startModelHost } = (await import(
  pathToFileURL(builtFile('functions', 'runtime', 'host', 'model-host.js')).href
)) as typeof ModelHostModule;

const functionUrl = new URL('../../fixtures/odd-function.mjs', import.meta.url).href;
let losses: string[];
let log: LogLine[];
let host: ModelHost;

beforeEach(() => {
  losses = [];
  log = [];
});

async function start(options: unknown = {}, limits: Partial<FunctionLimits> = {}): Promise<ModelHost> {
  return (host = await startModelHost(
    { functionUrl, options },
    {
      limits: { timeoutMs: 10_000, memoryMb: 512, ...limits },
      clock: createSystemClock(),
      logger: { debug: note, info: note, warn: note, error: note },
      onLost: ({ message }) => void losses.push(message),
    },
  ));
}

const note = (fields: object, event: string): void => void log.push({ event, fields: { ...fields } });
const named = (...labels: string[]) => ({ outcomes: labels.map((label) => ({ label })) });
const ended = () => log.filter(({ event }) => event === 'function.ended').map(({ fields }) => fields);
const isBack = () => eventually(() => host.condition().state === 'running');

describe('the model host', () => {
  let shared: ModelHost;
  beforeAll(async () => {
    shared = await start({ listsAtOnce: 2 }, { timeoutMs: 500, memoryMb: 100 });
  });
  beforeEach(() => (host = shared));
  afterAll(() => shared.stop());
  afterEach(() => expect(losses).toEqual([]));

  it('runs a function in a process of its own', async () => {
    expect(host.model).toBe('odd');
    const [first, second] = await Promise.all([host.run(['a']), host.run(['b', 'c'])]);
    expect(first).toMatchObject(named('a'));
    expect(second).toMatchObject(named('b', 'c'));
  });

  it('keeps the event loop free while a run blocks its own', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    await host.run(['block']);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it('reports a run that throws, with its stack, and lives on', async () => {
    await expect(host.run(['throw'])).rejects.toMatchObject({
      code: 'function_failed',
      message: 'out of memory',
      functionStack: expect.stringContaining('odd-function.mjs') as string,
    });
    await expect(host.run(['throw null'])).rejects.toMatchObject({
      code: 'function_failed',
      message: 'null',
    });
    await expect(host.run(['nonsense'])).rejects.toMatchObject({ code: 'invalid_output' });
    expect(await host.run(['forge'])).toMatchObject(named('forge'));
    expect(ended()).toEqual([]);
  });

  it.each([
    ['throw odd huge', /^x{1023}…$/],
    ['throw odd object message', '{"a":5}'],
    ['throw odd list message', '1,2'],
    ['throw odd null prototype', 'a value that cannot be read'],
    ['throw odd toString', 'a value that cannot be read'],
    ['throw odd proxy', 'a value that cannot be read'],
    ['throw odd symbol', 'Symbol(odd)'],
    ['throw odd message getter', 'a value that cannot be read'],
    ['throw odd stack getter', 'odd'],
  ])('finds bounded words for whatever is thrown, and keeps the process: %s', async (command, message) => {
    const failure = await host.run([command]).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'function_failed',
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
    });
    expect(ended()).toEqual([]);
  });

  it('keeps the frames of a stack whose message is long', async () => {
    const stack = expect.stringMatching(/^Error: x{1023}…\n[^]*odd-function\.mjs/) as string;
    await expect(host.run(['throw odd huge'])).rejects.toMatchObject({ functionStack: stack });
  });

  it.each(['answer getter', 'outcomes proxy', 'function', 'symbol'])(
    'fails the run alone whose answer cannot be read: %s',
    async (kind) => {
      await expect(host.run([`answer odd ${kind}`])).rejects.toMatchObject({ code: 'invalid_output' });
      expect(ended()).toEqual([]);
    },
  );

  it.each(['outcome', 'outcome proxy', 'bigint', 'circular'])(
    'fails the task alone whose outcome cannot be read: %s',
    async (kind) => {
      const outcomes = [{ status: 'failed', code: 'invalid_output' }, { label: 'a' }];
      expect(await host.run([`answer odd ${kind}`, 'a'])).toMatchObject({ outcomes });
      expect(ended()).toEqual([]);
    },
  );

  it('fails a run at once by a message about it that cannot be read', async () => {
    const alone = await start();
    await expect(alone.run(['unreadable failure', '1'])).rejects.toMatchObject({
      code: 'invalid_output',
      message: expect.stringContaining('message: ') as string,
    });
    await alone.stop();
  });

  it('lets a run abandoned before its turn go', async () => {
    expect(await host.run(['a'], { isAbandoned: () => true })).toBeUndefined();
  });

  it.each([
    ['never answers', 'never'],
    ['loops after a while', 'loop later'],
    ['loops in a regular expression', 'regex'],
  ])('ends a function that %s, when its limit is reached', async (_, command) => {
    const failed = { code: 'function_timed_out', message: 'the function gave no answer within 500 ms' };
    await expect(host.run([command])).rejects.toMatchObject(failed);
    expect(host.condition().state).toBe('restarting');
    expect(await host.run(['a'])).toMatchObject(named('a'));
    expect(ended()).toMatchObject([{ ...failed, runs: 1 }]);
  });

  it('runs again what was beside the run that is to blame, or waited', async () => {
    const beside = host.run(['slowly']);
    const loop = host.run(['a'], { fault: 'loop' });
    const after = host.run(['after']);
    await expect(loop).rejects.toMatchObject({ code: 'function_timed_out' });
    expect(await beside).toMatchObject(named('slowly'));
    expect(await after).toMatchObject(named('after'));
    expect(ended()).toHaveLength(1);
  });

  it('runs nothing again that nobody waits for any more', async () => {
    let isGone = false;
    const beside = host.run(['never'], { isAbandoned: () => isGone });
    await expect(host.run(['a'], { fault: 'loop' })).rejects.toMatchObject({ code: 'function_timed_out' });
    isGone = true;
    expect(await beside).toBeUndefined();
  });

  it('sees that the function does not answer, and ends a loop that no run is in', async () => {
    expect(await host.run(['stray loop'])).toMatchObject(named('stray loop'));
    await eventually(() => host.condition().unresponsiveMs >= 200);
    await eventually(() => host.condition().state === 'restarting');
    await isBack();
    expect(ended()).toMatchObject([{ code: 'function_timed_out', runs: 0 }]);
    expect(host.condition()).toEqual({ state: 'running', unresponsiveMs: 0 });
  });
});

describe('a function that ends by itself', () => {
  it.each([
    ['die', 'exit code 3'],
    ['die uncaught', 'exit code 1, Error: nobody catches this'],
  ])('is told, and another is started: %s', async (command, reason) => {
    await start();
    const failed = { code: 'function_exited', message: `the function's process ended: ${reason}` };
    await expect(host.run([command])).rejects.toMatchObject(failed);
    expect(await host.run(['a'])).toMatchObject(named('a'));
    expect(ended()).toMatchObject([failed]);
    await host.stop();
  });
});

describe('a function that takes too much memory', () => {
  it('is ended, be it in its heap or beside it', async () => {
    await start({}, { memoryMb: 64 });
    const failed = { code: 'function_out_of_memory', message: expect.stringContaining('64') as string };
    await expect(host.run(['buffers'])).rejects.toMatchObject(failed);
    await expect(host.run(['a'], { fault: 'oom' })).rejects.toMatchObject({ code: failed.code });
    expect(await host.run(['a'])).toMatchObject(named('a'));
    await host.stop();
  });
});

describe('the fault that takes all memory', () => {
  it('does so long before the time of the function is up, however much there is', async () => {
    await start({}, { memoryMb: 512, timeoutMs: 60_000 });
    const failed = { code: 'function_out_of_memory', message: expect.stringContaining('beyond') as string };
    await expect(host.run(['a'], { fault: 'oom' })).rejects.toMatchObject(failed);
    await host.stop();
  });
});

describe('a model host that is asked to stop', () => {
  it('takes no run once it has stopped', async () => {
    await start();
    await host.stop();
    await expect(host.run(['a'])).rejects.toThrow('the worker stops');
    await host.stop();
  });

  it('waits for the run in progress', async () => {
    await start();
    const run = host.run(['block']);
    await host.stop();
    expect(await run).toMatchObject(named('block'));
  });

  it('does not wait for a blocked function', async () => {
    await start({}, { timeoutMs: 60_000 });
    const failure = expect(host.run(['a'], { fault: 'loop' })).rejects.toThrow('the worker stops');
    await eventually(() => host.condition().unresponsiveMs > 100);
    const startedAtMs = performance.now();
    await host.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(2500);
    await failure;
  });
});

describe('a function that cannot be kept running', () => {
  it('is lost where it cannot be loaded again', async () => {
    await start({ marker: join(await tempFolder(), 'loaded') });
    await expect(host.run(['die'])).rejects.toMatchObject({ code: 'function_exited' });
    await eventually(() => losses.length === 1);
    expect(losses).toEqual(['the model is gone']);
  });

  it('is lost where it ends again and again with nothing to run', async () => {
    await start({ diesLater: true });
    await eventually(() => losses.length === 1);
    expect(losses).toEqual(["the function's process ended: exit code 8"]);
    expect(ended()).toHaveLength(3);
  });

  it('is no host where it cannot be loaded', async () => {
    await expect(start({ broken: true })).rejects.toThrow('there is no such model');
    await expect(start({ unnamed: true })).rejects.toThrow('model: ');
    await expect(start({ dies: true })).rejects.toThrow("the function's process ended: exit code 7");
    expect(losses).toEqual([]);
  });
});
