import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimFile } from '../../../infra/process/claim-file.js';
import { identityOf, isRunning, ownIdentity } from '../../../infra/process/process-identity.js';
import { eventually } from '../../support/eventually.js';
import { temporaryFolder } from '../../support/process/diary.js';

describe('a process', () => {
  it('is told from another that got its number', () => {
    const own = ownIdentity();
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, started: `${own.started}0` })).toBe(false);
    expect(isRunning({ pid: own.pid })).toBe(true);
    expect(isRunning({ pid: 999_999_999 })).toBe(false);
  });

  it('that has ended is over though nobody has asked for its exit code yet', async () => {
    // The shell starts a sleep and becomes a program that never waits for it.
    const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 20'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(chunk.toString());
    await eventually(() => identityOf(child) === undefined);
    expect(() => process.kill(child, 0)).not.toThrow();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});

describe('claiming a file', () => {
  const claimAll = (path: string, isHeld: (content: string) => boolean) =>
    Promise.all(Array.from({ length: 20 }, (_, index) => claimFile(path, `claim ${index}`, isHeld)));

  it.each([undefined, 'stale'])('of twenty at once one gets it, where %s lies there', async (before) => {
    const folder = temporaryFolder();
    const path = join(folder, 'note');
    if (before !== undefined) writeFileSync(path, before);
    const holders = await claimAll(path, (content) => content.startsWith('claim'));
    const winner = holders.indexOf(undefined);
    expect(holders.filter((holder) => holder === undefined)).toHaveLength(1);
    expect(new Set(holders)).toEqual(new Set([undefined, `claim ${winner}`]));
    expect(readdirSync(folder)).toEqual(['note']);
  });

  it('gets past one that died while it took over from a dead one', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'note');
    writeFileSync(path, 'stale');
    writeFileSync(`${path}.takeover`, 'stale as well');
    expect(await claimFile(path, 'claim', (content) => content === 'claim')).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['note']);
  });
});
