import { describe, expect, it } from 'vitest';
import { FAILED, USAGE_ERROR, runChaos } from '../../../tools/chaos/cli.js';
import { ChaosError, NothingRunsError, type SystemChoice } from '../../../tools/kit/system/system.js';
import { fakeChaosSystem, type FakeChaosSystem } from './support/fake-chaos-system.js';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
  readonly system: FakeChaosSystem;
  readonly choices: readonly SystemChoice[];
}

const chaos = (...words: readonly string[]) => chaosOn(fakeChaosSystem(), ...words);

async function chaosOn(system: FakeChaosSystem, ...words: readonly string[]): Promise<Run> {
  const printed = { out: '', errors: '' };
  const choices: SystemChoice[] = [];
  const code = await runChaos(words, {
    connect: (choice) => {
      choices.push(choice);
      return Promise.resolve(system);
    },
    addCommands: () => undefined,
    random: { next: () => 0.9 },
    print: (text) => (printed.out += `${text}\n`),
    printError: (text) => (printed.errors += `${text}\n`),
    columns: 100,
  });
  return { code, ...printed, system, choices };
}

describe('npm run chaos', () => {
  it.each([
    [['kill', 'worker-1'], [['kill', 'worker-1']]],
    [['stop', 'coordinator'], [['stop', 'coordinator']]],
    [['start', 'stack'], [['start', 'stack']]],
    [['pause', 'any'], [['pause', 'worker-2']]],
    [
      ['resume', 'all'],
      [
        ['resume', 'worker-1'],
        ['resume', 'worker-2'],
      ],
    ],
    [['restart', 'stack', '--empty'], [['restart', 'stack', { empty: true }]]],
    [['restart', 'worker-2'], [['restart', 'worker-2', { empty: false }]]],
    [
      ['fault', 'worker-1', 'error=0.5', '--for', '10s', '--count', '3'],
      [['fault', 'worker-1', 'error=0.5', { forMs: 10_000, count: 3 }]],
    ],
    [['latency', 'stack', '200±50'], [['network', { delayMs: 200, jitterMs: 50 }]]],
    [['cut', 'stack', '--for', '5s'], [['network', { cut: true, forMs: 5000 }]]],
    [['empty', 'queue'], [['emptyQueue']]],
  ])('%j', async (words, requested) => {
    const { code, out, errors, system } = await chaos(...words);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).not.toBe('');
    expect(system.requested).toEqual(requested);
  });

  it('finds the system by its data folder, or in containers', async () => {
    const chosen = async (...words: readonly string[]) => (await chaos('status', ...words)).choices;
    expect(await chosen('--data', './elsewhere')).toEqual([{ data: './elsewhere', containers: false }]);
    expect(await chosen('--containers')).toEqual([{ containers: true }]);
    expect(await chosen()).toEqual([{ containers: false }]);
  });

  it.each([
    ['resume', 'running', 'was not paused: it runs'],
    ['resume', 'stopped', 'was not paused: it is stopped, until: start'],
    ['resume', 'paused', 'resumed'],
    ['start', 'running', 'was running already'],
    ['start', 'restarting', 'was coming back by itself; running'],
    ['start', 'stopped', 'started'],
    ['stop', 'stopped', 'was stopped already; stays down until: start'],
    ['pause', 'paused', 'was paused already; holds its connections until: resume'],
    ['kill', 'restarting', 'was down already; comes back by itself'],
    ['kill', 'running', 'killed; comes back by itself'],
  ] as const)('says of %s what it really came to where a worker is %s', async (verb, state, said) => {
    const system = fakeChaosSystem();
    system.state = { ...system.state, 'worker-2': state };
    expect((await chaosOn(system, verb, 'worker-2')).out).toBe(`worker-2: ${said}\n`);
    system.state = { ...system.state, 'worker-2': state };
    const { out } = await chaosOn(system, verb, 'worker-2', '--json');
    expect(JSON.parse(out)).toMatchObject({ verb, targets: ['worker-2'], before: { 'worker-2': state } });
  });

  it('says that one disturbance of the network ends another', async () => {
    const system = fakeChaosSystem();
    system.injections = [{ target: 'stack', what: 'latency 200 ms' }];
    expect((await chaosOn(system, 'cut', 'stack', '--for', '2s')).out).toBe(
      'stack: cut for 2 s, instead of latency 200 ms\n',
    );
    expect((await chaos('cut', 'stack')).out).toBe('stack: cut\n');
  });

  it('says what is lost with a stack that is emptied, before and after', async () => {
    expect((await chaos('restart', 'stack', '--empty')).out).toBe(
      'stack: restarted empty: all its messages, tasks, answers, keys and statistics are deleted, save what the coordinator remembers and puts back\n',
    );
    expect((await chaos('restart', '--help')).out.replaceAll(/\s+/g, ' ')).toContain(
      'deletes all that it keeps: messages, tasks, answers, keys, statistics',
    );
  });

  it('says what it did, in words or as JSON', async () => {
    expect((await chaos('fault', 'all', 'error=1', '--count', '3')).out).toBe(
      'worker-1: error=1 for the next 3 invokes\nworker-2: error=1 for the next 3 invokes\n',
    );
    expect(JSON.parse((await chaos('kill', 'any', '--json')).out)).toMatchObject({
      verb: 'kill',
      targets: ['worker-2'],
    });
    expect((await chaos('heal')).out).toBe('worker-1: started\n');
    expect(JSON.parse((await chaos('status', '--json')).out)).toMatchObject({
      processes: [{ name: 'stack', state: 'running' }, {}, {}, {}],
      injected: [],
    });
  });

  it('sets faults of each worker that can be told, and says which could not be', async () => {
    const system = fakeChaosSystem();
    const fails = { ...system, fault: () => Promise.reject(new ChaosError('worker-1: no such fault here')) };
    for (const [on, state, line] of [
      [system, 'stopped', 'worker-1: stopped: not set'],
      [system, 'paused', 'worker-1: paused: not set, keeps its earlier faults when it is resumed'],
      [fails, 'restarting', 'worker-1: restarting: not set, comes back with its earlier faults'],
      [fails, 'running', 'worker-1: not set: worker-1: no such fault here'],
    ] as const) {
      system.state = { 'worker-1': state, 'worker-2': 'stopped' };
      const { code, out, errors } = await chaosOn(on, 'fault', 'all', 'error=1');
      expect({ code, errors }).toEqual({ code: FAILED, errors: '' });
      expect(out).toBe(`${line}\nworker-2: stopped: not set\n`);
    }
    expect(system.requested).toEqual([]);
    system.state = { 'worker-1': 'running', 'worker-2': 'stopped' };
    const { code, out } = await chaosOn(system, 'fault', 'all', 'error=1', '--json');
    expect(code).toBe(FAILED);
    expect(system.requested).toEqual([['fault', 'worker-1', 'error=1', {}]]);
    expect(JSON.parse(out)).toMatchObject({
      workers: [
        { worker: 'worker-1', set: true },
        { worker: 'worker-2', set: false, reason: 'stopped: not set' },
      ],
    });
  });

  it.each([
    [[], 'say what to do; the verbs are status, kill'],
    [['kil', 'any'], 'Did you mean kill? (the verbs are status, kill'],
    [['xyzzy'], 'there is no verb "xyzzy"; the verbs are status, kill'],
    [['xyzzy', 'worker-1'], 'there is no verb "xyzzy"; the verbs are status, kill'],
    [['kill'], 'kill needs TARGET; TARGET is one of worker-1…n, any'],
    [['fault', 'worker-1'], 'fault needs TARGET FAULTS, such as: fault worker-1 error=0.5'],
    [['kill', 'any', '--wait'], 'kill takes no "wait"'],
    [['kill', 'any', 'now'], 'kill takes no "now"'],
    [['status', '--data'], '--data needs a value after it'],
    [['status', '--data', 'a', '--data', 'b'], '--data takes one value, and was given a and b'],
    [['fault', 'any', 'error=1', '--count', '1', '--count', '2'], '--count takes one value'],
    [['cut', 'stack', '--for', '1s', '--for', '2s'], '--for takes one value, and was given 1s and 2s'],
    [['kill', 'worker-9'], 'there is no "worker-9" here'],
    [['kill', 'stack', '--empty'], 'kill takes no "empty"'],
    [['fault', 'all', 'eror=1'], '"eror" is no fault'],
    [['fault', 'all', 'error=1', '--for', 'soon'], '"soon" is no duration'],
    [
      ['fault', 'all', 'error=1', '--for', '2h'],
      '--for 2h: expected a duration from a millisecond to an hour',
    ],
    [['cut', 'stack', '--for', '2h'], '--for 2h: expected a duration'],
    [['fault', 'stack', 'error=1'], 'stack is no worker: only workers inject faults'],
    [['latency', 'stack', 'slow'], '"slow" is no latency'],
    [['latency', 'worker-1', '5'], 'latency: there is no "worker-1" here; expected stack'],
    [['empty', 'stack'], 'empty: there is no "stack" here; expected queue'],
  ])('does nothing of %j, says why in one line, and ends with 1', async (words, reason) => {
    const { code, out, errors, system } = await chaos(...words);
    expect(code).toBe(USAGE_ERROR);
    expect(errors).toContain(reason);
    expect(errors.trimEnd()).not.toContain('\n');
    expect(out).toBe('');
    expect(system.requested).toEqual([]);
  });

  it.each(['0', '-3', '1.5', 'three', '', '1000001'])('tells nobody of --count=%s', async (count) => {
    const { code, errors, system } = await chaos('fault', 'all', 'error=1', `--count=${count}`);
    expect({ code, errors }).toEqual({
      code: USAGE_ERROR,
      errors: `--count ${count}: expected a whole number of invokes from 1 to 1000000\n`,
    });
    expect(system.requested).toEqual([]);
  });

  it('ends with 2 where the words after run make no sense: 1 is a broken promise there', async () => {
    expect((await chaos('run')).code).toBe(FAILED);
    expect((await chaos('run', 'a', '--data', 'b', '--data', 'c')).code).toBe(FAILED);
  });

  it('ends with 2 where nothing runs', async () => {
    let errors = '';
    const code = await runChaos(['status'], {
      connect: () => Promise.reject(new NothingRunsError('nothing runs on ./data')),
      addCommands: () => undefined,
      random: { next: () => 0 },
      print: () => undefined,
      printError: (text) => (errors += text),
      columns: 80,
    });
    expect({ code, errors }).toEqual({ code: 2, errors: 'nothing runs on ./data' });
  });

  it('explains itself, with examples', async () => {
    const { code, out, choices } = await chaos('--help');
    expect(code).toBe(0);
    for (const verb of ['kill', 'fault', 'latency', 'cut', 'heal']) expect(out).toContain(`-- ${verb}`);
    expect(out).toContain('fault worker-2 error=0.5 --for');
    expect(choices).toEqual([]);
  });
});
