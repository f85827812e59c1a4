import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type * as ModelHostModule from '../../functions/runtime/model-host.js';
import { eventually } from '../support/eventually.js';
import { builtFile } from './support/built.js';

const { startModelHost } = (await import(
  pathToFileURL(builtFile('functions', 'runtime', 'model-host.js')).href
)) as typeof ModelHostModule;

const functionUrl = new URL('./fixtures/odd-function.mjs', import.meta.url).href;
const losses: string[] = [];
const start = (options: unknown = {}) =>
  startModelHost({ functionUrl, options }, ({ message }) => void losses.push(message));

afterEach(() => void losses.splice(0));

describe('the model host', () => {
  it('runs a function in its thread and stops it', async () => {
    const host = await start();
    expect(host.model).toBe('odd');
    const [first, second] = await Promise.all([host.run(['a']), host.run(['b', 'c'])]);
    expect(first.outcomes).toMatchObject([{ label: 'a' }]);
    expect(second.outcomes).toMatchObject([{ label: 'b' }, { label: 'c' }]);
    await host.stop();
    expect(losses).toEqual([]);
  });

  it('keeps the event loop free while a run blocks its own', async () => {
    const host = await start();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    await host.run(['block']);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    await host.stop();
  });

  it('waits for the run in progress before it stops', async () => {
    const host = await start();
    const run = host.run(['block']);
    await host.stop();
    expect((await run).outcomes).toMatchObject([{ label: 'block' }]);
  });

  it('reports a run that throws, and lives on', async () => {
    const host = await start();
    await expect(host.run(['throw'])).rejects.toThrow('out of memory');
    expect((await host.run(['a'])).outcomes).toHaveLength(1);
    await host.stop();
  });

  it('hands on why a function cannot be loaded', async () => {
    await expect(start({ broken: true })).rejects.toThrow('there is no such model');
    await expect(start({ dies: true })).rejects.toThrow("the model's thread ended: exit code 7");
    expect(losses).toEqual([]);
  });

  it('tells of a thread that dies, and rejects what it was running', async () => {
    const host = await start();
    await expect(host.run(['die'])).rejects.toThrow("the model's thread ended: exit code 3");
    await eventually(() => losses.length === 1);
  });
});
