import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as ModelHostModule from '../../functions/runtime/model-host.js';
import type { FunctionLimits, ModelHost } from '../../functions/runtime/model-host.js';
import { createSystemClock } from '../../infra/process/system-clock.js';
import { eventually } from '../support/eventually.js';
import { memoryLogger, type LogLine } from '../support/running-coordinator.js';
import { builtFile } from './support/built.js';

const { startModelHost } = (await import(
  pathToFileURL(builtFile('functions', 'runtime', 'model-host.js')).href
)) as typeof ModelHostModule;

const functionUrl = new URL('./fixtures/odd-function.mjs', import.meta.url).href;
let losses: string[];
let log: LogLine[];
let kills: number;
let host: ModelHost;

beforeEach(() => {
  losses = [];
  log = [];
  kills = 0;
});

async function start(options: unknown = {}, limits: Partial<FunctionLimits> = {}): Promise<ModelHost> {
  host = await startModelHost(
    { functionUrl, options },
    {
      limits: { timeoutMs: 10_000, memoryMb: 512, ...limits },
      clock: createSystemClock(),
      logger: memoryLogger(log),
      onLost: ({ message }) => void losses.push(message),
      kill: () => (kills += 1),
    },
  );
  return host;
}

const named = (...labels: string[]) => ({ outcomes: labels.map((label) => ({ label })) });
const ended = () => log.filter(({ event }) => event === 'function.ended').map(({ fields }) => fields);
const isBack = () => eventually(() => host.condition().state === 'running');

describe('the model host', () => {
  afterEach(async () => {
    await host.stop();
    expect(kills).toBe(0);
  });

  it('runs a function in its thread and stops it', async () => {
    await start();
    expect(host.model).toBe('odd');
    const [first, second] = await Promise.all([host.run(['a']), host.run(['b', 'c'])]);
    expect(first).toMatchObject(named('a'));
    expect(second).toMatchObject(named('b', 'c'));
    await host.stop();
    expect(losses).toEqual([]);
  });

  it('keeps the event loop free while a run blocks its own', async () => {
    await start();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    await host.run(['block']);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it('waits for the run in progress before it stops', async () => {
    await start();
    const run = host.run(['block']);
    await host.stop();
    expect(await run).toMatchObject(named('block'));
  });

  it('reports a run that throws, with its stack, and lives on', async () => {
    await start();
    await expect(host.run(['throw'])).rejects.toMatchObject({
      code: 'function_failed',
      message: 'out of memory',
      functionStack: expect.stringContaining('odd-function.mjs') as string,
    });
    await expect(host.run(['throw null'])).rejects.toMatchObject({ code: 'function_failed', message: 'null' });
    expect(await host.run(['forge'])).toMatchObject(named('forge'));
    expect(ended()).toEqual([]);
  });

  it('lets a run abandoned before its turn go', async () => {
    await start();
    expect(await host.run(['a'], { isAbandoned: () => true })).toBeUndefined();
  });

  it.each([
    ['never answers', 'never'],
    ['loops after a while', 'loop later'],
    ['loops in a regular expression', 'regex'],
  ])('ends a function that %s, when its limit is reached', async (_, command) => {
    await start({}, { timeoutMs: 300 });
    const failed = { code: 'function_timed_out', message: 'the function gave no answer within 300 ms' };
    await expect(host.run([command])).rejects.toMatchObject(failed);
    expect(host.condition().state).toBe('restarting');
    expect(await host.run(['a'])).toMatchObject(named('a'));
    expect(ended()).toMatchObject([{ ...failed, runs: 1 }]);
    expect(losses).toEqual([]);
  });

  it('runs again what was beside the run that is to blame, or waited', async () => {
    await start({ listsAtOnce: 2 }, { timeoutMs: 400 });
    const beside = host.run(['slowly']);
    const loop = host.run(['loop']);
    const after = host.run(['after']);
    await expect(loop).rejects.toMatchObject({ code: 'function_timed_out' });
    expect(await beside).toMatchObject(named('slowly'));
    expect(await after).toMatchObject(named('after'));
    expect(ended()).toHaveLength(1);
  });

  it('runs nothing again that nobody waits for any more', async () => {
    await start({ listsAtOnce: 2 }, { timeoutMs: 500 });
    let isGone = false;
    const beside = host.run(['never'], { isAbandoned: () => isGone });
    await expect(host.run(['loop'])).rejects.toMatchObject({ code: 'function_timed_out' });
    isGone = true;
    expect(await beside).toBeUndefined();
  });

  it('lets the answer leave before it ends the thread', async () => {
    await start({}, { timeoutMs: 200 });
    let answered: () => void = () => undefined;
    const run = host.run(['loop'], { answered: new Promise<void>((resolve) => (answered = resolve)) });
    await expect(run).rejects.toMatchObject({ code: 'function_timed_out' });
    expect(log.map(({ event }) => event)).toEqual(['function.ended']);
    answered();
    await isBack();
    expect(log.map(({ event }) => event)).toEqual(['function.ended', 'function.restarted']);
  });

  it('sees that the thread does not answer, and ends a loop that no run is in', async () => {
    await start({}, { timeoutMs: 500 });
    expect(await host.run(['stray loop'])).toMatchObject(named('stray loop'));
    await eventually(() => host.condition().unresponsiveMs >= 200);
    await eventually(() => host.condition().state === 'restarting');
    await isBack();
    expect(ended()).toMatchObject([{ code: 'function_timed_out', runs: 0 }]);
    expect(host.condition()).toEqual({ state: 'running', unresponsiveMs: 0 });
  });

  it('ends a function whose buffers take too much memory', async () => {
    await start({}, { memoryMb: 100 });
    await expect(host.run(['buffers'])).rejects.toMatchObject({
      code: 'function_out_of_memory',
      message: expect.stringContaining('100') as string,
    });
    expect(await host.run(['a'])).toMatchObject(named('a'));
    expect(losses).toEqual([]);
  });

  it.each([
    ['die', 'exit code 3'],
    ['die uncaught', 'nobody catches this'],
  ])('tells of a thread that ends by itself and starts another: %s', async (command, reason) => {
    await start();
    const failed = { code: 'function_exited', message: `the function's thread ended: ${reason}` };
    await expect(host.run([command])).rejects.toMatchObject(failed);
    expect(await host.run(['a'])).toMatchObject(named('a'));
    expect(ended()).toMatchObject([failed]);
    expect(losses).toEqual([]);
  });

  it.each([
    ['loop', 'function_timed_out', { timeoutMs: 300 }],
    ['oom', 'function_out_of_memory', { memoryMb: 64 }],
  ] as const)('injects what is no pretence: %s', async (fault, code, limits) => {
    await start({}, limits);
    await expect(host.run(['a'], { fault })).rejects.toMatchObject({ code });
    expect(await host.run(['a'])).toMatchObject(named('a'));
  });

  it('does not wait for a blocked function when it stops', async () => {
    await start({}, { timeoutMs: 60_000 });
    const run = host.run(['loop']);
    const failure = expect(run).rejects.toMatchObject({ message: /the worker stops/ });
    await eventually(() => host.condition().unresponsiveMs > 100);
    const startedAtMs = performance.now();
    await host.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(2500);
    await failure;
  });

  it('is lost where the function cannot be loaded again', async () => {
    await start({ loadedBefore: new SharedArrayBuffer(4) });
    await expect(host.run(['die'])).rejects.toMatchObject({ code: 'function_exited' });
    await eventually(() => losses.length === 1);
    expect(losses).toEqual(['the model is gone']);
  });

  it('is lost where the function ends again and again with nothing to run', async () => {
    await start({ diesLater: true });
    await eventually(() => losses.length === 1);
    expect(losses).toEqual(["the function's thread ended: exit code 8"]);
    expect(ended()).toHaveLength(3);
  });
});

describe('a function that cannot be loaded', () => {
  it('is no host', async () => {
    await expect(start({ broken: true })).rejects.toThrow('there is no such model');
    await expect(start({ dies: true })).rejects.toThrow("the function's thread ended: exit code 7");
    expect(losses).toEqual([]);
  });
});
