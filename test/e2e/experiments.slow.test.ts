/** Experiments as a user runs them: the program, on a system of its own, with real processes that really die. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../infra/process/project-root.js';
import { eventually } from '../support/eventually.js';
import { isAlive, PATIENCE } from './system.js';

const PROGRAM = join(projectRoot, 'dist/tools/chaos/main.js');
const SYSTEM =
  'system: { settings: { VISIBILITY_TIMEOUT_SECONDS: 3, INVOKE_TIMEOUT_MS: 1500, MAX_RECEIVE_COUNT: 30 } }';
const KILLED = `
name: killed
description: A worker dies under load.
${SYSTEM}
load: { rate: 25, for: 6s, textsPerRequest: 1..2 }
steady: { workersUp: 3 }
timeline:
  - { at: 2s, do: kill worker-1 }
checks: { failed: none, underWay: 20s }
`;
const STORM = `
name: storm
description: Workers fail in every way at once.
${SYSTEM}
load: { rate: 15, for: 6s, textsPerRequest: 1..2 }
steady: { workersUp: 3 }
timeline:
  - { at: 2s, do: fault all storm for 3s }
checks: { failed: none, faults: { atLeast: 3 } }
`;
const PAUSED = `
name: paused
description: A worker is frozen when somebody presses Ctrl-C.
${SYSTEM}
load: { rate: 10, for: 60s }
timeline:
  - { at: 1s, do: pause worker-1 }
`;

const journalSchema = z.looseObject({
  verdict: z.looseObject({ outcome: z.string(), reason: z.string().optional() }),
  findings: z
    .looseObject({
      figures: z.looseObject({
        accepted: z.number(),
        succeeded: z.number(),
        lost: z.number(),
        duplicatesStored: z.number(),
      }),
      checks: z.array(z.looseObject({ name: z.string(), held: z.boolean() })),
      marks: z.array(z.looseObject({ text: z.string(), targets: z.array(z.string()) })),
    })
    .optional(),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'boomerang-experiments-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `pids` are of the processes that it named while it ran. */
async function start(name: string, yaml: string) {
  const file = join(folder, `${name}.yaml`);
  const out = join(folder, `${name}-out`);
  await writeFile(file, yaml);
  const child = spawn(process.execPath, [PROGRAM, 'run', file, '--start', '--out', out], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const exited = once(child, 'exit').then(([code]) => Number(code));
  return {
    child,
    exited,
    printed: () => printed,
    journal: async () => {
      const [run = ''] = await readdir(out);
      expect(await readdir(join(out, run))).toContain('report.md');
      return journalSchema.parse(JSON.parse(await readFile(join(out, run, 'journal.json'), 'utf8')));
    },
  };
}

describe('real experiments', { timeout: PATIENCE.timeoutMs }, () => {
  it.each([
    ['killed', KILLED, 'kill worker-1'],
    ['storm', STORM, 'fault all storm for 3s'],
  ])('hold: %s', async (name, yaml, step) => {
    const run = await start(name, yaml);
    const code = await run.exited;
    expect(run.printed()).toContain('HELD');
    expect(code).toBe(0);
    const { verdict, findings } = await run.journal();
    expect(verdict.outcome).toBe('held');
    expect(findings?.marks.map(({ text }) => text)).toEqual([step]);
    expect(findings?.figures.accepted).toBeGreaterThan(50);
    expect(findings?.figures).toMatchObject({
      succeeded: findings?.figures.accepted,
      lost: 0,
      duplicatesStored: 0,
    });
    expect(findings?.checks.every(({ held }) => held)).toBe(true);
  });

  it('heal what they broke when they are interrupted, and leave no process behind', async () => {
    const run = await start('paused', PAUSED);
    await eventually(() => run.printed().includes('▶ pause worker-1'), PATIENCE);
    const descendants = await descendantsOf(run.child.pid ?? 0);
    expect(descendants.length).toBeGreaterThanOrEqual(5);
    run.child.kill('SIGINT');
    expect(await run.exited).toBe(2);
    expect(run.printed()).toContain('healed: worker-1: resumed');
    expect((await run.journal()).verdict).toMatchObject({
      outcome: 'could not run',
      reason: expect.stringContaining('stopped by hand') as string,
    });
    await eventually(() => !descendants.some(isAlive), PATIENCE);
  });

  it('say what is wrong with their file, and start nothing', async () => {
    const run = await start('wrong', KILLED.replace('rate: 25', 'rat: 25'));
    expect(await run.exited).toBe(2);
    expect(run.printed()).toContain('wrong.yaml:5:9 load: there is no "rat" here');
  });
});

async function descendantsOf(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const entry of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = Number(/\) \S (\d+)/.exec(stat)?.[1]);
    parents.set(Number(entry), parent);
  }
  const children = (of: number): readonly number[] =>
    [...parents].flatMap(([child, parent]) => (parent === of ? [child, ...children(child)] : []));
  return children(pid);
}
