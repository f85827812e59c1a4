/** `run` and `experiments` as `npm run chaos` has them, without a system. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChaos } from '../../../../tools/chaos/cli.js';
import { claimSystem } from '../../../../tools/chaos/experiment/claim-system.js';
import { listCommand, runCommand } from '../../../../tools/chaos/experiment/commands.js';
import {
  NothingRunsError,
  type ChaosSystem,
  type SystemChoice,
} from '../../../../tools/kit/system/system.js';
import { temporaryFolder } from '../../../support/process/diary.js';
import { fakeSystem } from '../support/fake-system.js';

interface Setup {
  readonly folder?: string;
  readonly system?: ChaosSystem;
}

async function chaos({ folder = temporaryFolder(), system }: Setup, ...words: readonly string[]) {
  const printed = { out: '', errors: '' };
  let exitCode = 0;
  const print = (text: string) => (printed.out += `${text}\n`);
  const printError = (text: string) => (printed.errors += `${text}\n`);
  const connect = ({ data = 'default' }: SystemChoice) =>
    system === undefined
      ? Promise.reject(new NothingRunsError(`nothing runs on ${data}: start one`))
      : Promise.resolve(system);
  const parts = {
    connect,
    connectStarted: () => Promise.reject(new Error('nothing is started here')),
    openStore: () => Promise.reject(new Error('there is no store')),
    dataFolder: (data = 'default') => join(folder, data),
    modelOptions: {},
    apiKey: undefined,
    environment: {},
    listenForStop: () => new AbortController().signal,
    print,
    printError,
    onExitCode: (code: number) => (exitCode = code),
  };
  const code = await runChaos(words, {
    connect,
    addCommands: (parser) => parser.command(runCommand(parts)).command(listCommand(parts)),
    random: { next: () => 0 },
    print,
    printError,
    columns: 100,
  });
  return { ...printed, code: code === 0 ? exitCode : code, folder };
}

describe('run', () => {
  it.each([['worker-killed'], ['all']])('of %s where nothing runs says how to start one', async (name) => {
    const { code, out, errors, folder } = await chaos({}, 'run', name, '--data', 'mine');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors).toBe(
      'nothing runs on mine: start one; or let the experiment start a copy of its own, stopped after: --start\n',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    [[], 'default/chaos'],
    [['--data', 'mine'], 'mine/chaos'],
  ])('%j writes its reports into the data folder', async (flags, where) => {
    const { code, out, folder } = await chaos({ system: fakeSystem() }, 'run', 'worker-killed', ...flags);
    expect(code).toBe(2);
    const [run = ''] = readdirSync(join(folder, where));
    expect(run).toMatch(/^worker-killed-/);
    expect(out).toContain(join(folder, where, run, 'report.md'));
  });

  it('writes them where --out says', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'elsewhere');
    await chaos({ folder, system: fakeSystem() }, 'run', 'worker-killed', '--out', out);
    expect(readdirSync(join(folder, 'default', 'chaos'))).toEqual([]);
    expect(existsSync(join(out, readdirSync(out)[0] ?? '', 'journal.json'))).toBe(true);
  });

  it('prints one JSON object for programs, and its story beside it', async () => {
    const { out, errors, folder } = await chaos(
      { system: fakeSystem() },
      ...['run', 'worker-killed', '--json'],
    );
    expect(JSON.parse(out)).toMatchObject({
      experiments: [
        {
          name: 'worker-killed',
          outcome: 'could not run',
          reason: 'there is no store',
          report: expect.stringContaining(folder) as string,
        },
      ],
    });
    expect(errors).toContain('worker-killed: Workers die by SIGKILL');
  });

  it('of a second one at once on the same system says which runs, and since when', async () => {
    const folder = temporaryFolder();
    const claimed = join(folder, 'default', 'chaos');
    const giveBack = await claimSystem(claimed, 'storm stack-cut');
    const { code, out, errors } = await chaos({ folder, system: fakeSystem() }, 'run', 'worker-killed');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors).toMatch(
      new RegExp(
        `^storm stack-cut runs on this system since \\d{4}-.*Z \\(process ${process.pid}\\): .*--start.*\n$`,
      ),
    );
    expect(readdirSync(claimed)).toEqual(['running.json']);
    await giveBack();
    expect(readdirSync(claimed)).toEqual([]);
  });

  it('takes over from one that was killed', async () => {
    const folder = temporaryFolder();
    const gone = spawnSync(process.execPath, ['--version']).pid;
    for (const left of [JSON.stringify({ pid: gone, name: 'x', since: new Date().toISOString() }), 'half of'])
      for (const name of ['worker-killed', 'no-such']) {
        await mkdir(join(folder, 'default', 'chaos'), { recursive: true });
        await writeFile(join(folder, 'default', 'chaos', 'running.json'), left);
        const { errors, out } = await chaos({ folder, system: fakeSystem() }, 'run', name);
        expect(out + errors).toContain(name === 'no-such' ? 'no shipped experiment' : 'there is no store');
        expect(readdirSync(join(folder, 'default', 'chaos'))).not.toContain('running.json');
      }
  });

  it('of an experiment for other settings than the system has advises --start', async () => {
    const settings = { VISIBILITY_TIMEOUT_SECONDS: '30', INVOKE_TIMEOUT_MS: '2000' };
    const system = { ...fakeSystem(), settings };
    const { code, out } = await chaos({ system }, 'run', 'worker-paused');
    expect(code).toBe(2);
    expect(out).toContain(
      'COULD NOT RUN: worker-paused is written for VISIBILITY_TIMEOUT_SECONDS=3 (here 30): ' +
        'run it on a system that has these settings, on one of its own with --start, or on this one with --anyway\n',
    );
    const { out: anyway } = await chaos({ system }, 'run', 'worker-paused', '--anyway');
    expect(anyway).toContain('COULD NOT RUN: there is no store');
    const same = { ...system, settings: { ...settings, VISIBILITY_TIMEOUT_SECONDS: '3' } };
    expect((await chaos({ system: same }, 'run', 'worker-paused')).out).toContain('there is no store');
  });

  it('of a name that is none says where the names are', async () => {
    const { code, out, errors } = await chaos({ system: fakeSystem() }, 'run', 'worker-kiled');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors).toBe(
      'worker-kiled is no shipped experiment (npm run chaos -- experiments lists them), and there is no such file\n',
    );
  });

  it('tells the first mistakes of a file, and how many more there are', async () => {
    const file = join(temporaryFolder(), 'wrong.yaml');
    const steps = Array.from({ length: 9 }, (_, index) => `  - { at: 1s, do: explode ${index} }\n`);
    await writeFile(
      file,
      `name: wrong\ndescription: x\nload: { rate: 1, for: 1s }\ntimeline:\n${steps.join('')}`,
    );
    const { code, errors } = await chaos({ system: fakeSystem() }, 'run', file);
    expect(code).toBe(2);
    const lines = errors.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[4]).toContain('"explode 4" is no step');
    expect(lines[5]).toBe('… and 4 more');
  });
});

describe('experiments', () => {
  it('lists them for people', async () => {
    const { code, out } = await chaos({}, 'experiments');
    expect(code).toBe(0);
    expect(out).toMatch(/^worker-killed +Workers die by SIGKILL under load/m);
  });

  it('lists them for programs', async () => {
    const { experiments } = JSON.parse((await chaos({}, 'experiments', '--json')).out) as {
      experiments: readonly { readonly name: string }[];
    };
    expect(experiments.length).toBeGreaterThanOrEqual(15);
    expect(experiments.find(({ name }) => name === 'worker-killed')).toMatchObject({
      description: expect.stringContaining('SIGKILL') as string,
      seconds: 15,
      workers: 3,
      load: { requestsPerSecond: 25, arrivals: 'poisson', textsPerRequest: { min: 1, max: 2 } },
      timeline: [
        { atSeconds: 4, do: 'kill worker-1' },
        { atSeconds: 9, do: 'kill any' },
      ],
    });
  });
});
