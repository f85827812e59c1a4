/** `npm run simulate` as people start it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../infra/process/project-root.js';

const execute = promisify(execFile);

async function simulate(...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = ['infra/process/run.mjs', 'simulation/main.ts', ...flags];
  try {
    const ended = await execute(process.execPath, program, { cwd: projectRoot, maxBuffer: 2 ** 28 });
    return { code: 0, ...ended };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('npm run simulate', () => {
  it('runs as many seeds as it is told, and says what was done', async () => {
    const { code, stdout, stderr } = await simulate('--seeds', '3', '--tasks', '200');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^seeds +3$/m);
    expect(stdout).toMatch(/^tasks +[1-9]\d+$/m);
    expect(stdout).toMatch(/^simulated hours +0\.\d\d$/m);
    expect(stdout).toMatch(/^faults injected +[1-9]/m);
    expect(stdout).toMatch(/^violations +0$/m);
  });

  it('names the seed, the broken promise and the way to see it again, and the replay is the same', async () => {
    const flags = ['--tasks', '200', '--plant', 'receive-without-slot'];
    const { code, stdout } = await simulate('--seeds', '1', '--from', '5', ...flags);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^seed 5: BROKEN after [\d.]+ s: no receive without a slot$/m);
    const replay = /npm run simulate -- (--seed 5 .*)$/m.exec(stdout)?.[1]?.split(' ') ?? [];
    expect(replay).toEqual(['--seed', '5', ...flags]);
    const replayed = await simulate(...replay);
    expect(replayed.code).toBe(1);
    expect(replayed.stdout).toContain('BROKEN no receive without a slot');
    expect(replayed.stdout.endsWith(stdout)).toBe(true);
    expect(await simulate(...replay)).toEqual(replayed);
  });

  it.each([
    [['--seeds', '0'], '--seeds: expected a whole number'],
    [['--seed', '-1'], '--seed: expected a whole number'],
    [['--seed', '1', '--seeds', '3'], '--seed replays one: --seeds does not go with it'],
    [['--plant', 'nothing'], 'Invalid values'],
    [['--sees', '3'], 'Unknown argument'],
  ])('refuses %j', async (flags, complaint) => {
    const { code, stderr } = await simulate(...flags);
    expect(code).toBe(1);
    expect(stderr).toContain(complaint);
  });

  it('explains itself', async () => {
    const { code, stdout } = await simulate('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('npm run simulate -- [flags]');
    expect(stdout).toContain('own-commit-as-conflict');
  });
});
