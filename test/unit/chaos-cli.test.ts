import { describe, expect, it } from 'vitest';
import { COULD_NOT, runChaos } from '../../tools/chaos/cli.js';
import { NothingRunsError } from '../../tools/chaos/system.js';
import { fakeChaosSystem, type FakeChaosSystem } from './support/fake-chaos-system.js';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
  readonly system: FakeChaosSystem;
  readonly data: readonly (string | undefined)[];
}

async function chaos(...words: readonly string[]): Promise<Run> {
  const system = fakeChaosSystem();
  const printed = { out: '', errors: '' };
  const data: (string | undefined)[] = [];
  const code = await runChaos(words, {
    connect: (folder) => {
      data.push(folder);
      return Promise.resolve(system);
    },
    addCommands: () => undefined,
    random: { next: () => 0.9 },
    print: (text) => (printed.out += `${text}\n`),
    printError: (text) => (printed.errors += `${text}\n`),
    columns: 100,
  });
  return { code, ...printed, system, data };
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
  ])('%j', async (words, asked) => {
    const { code, out, errors, system } = await chaos(...words);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).not.toBe('');
    expect(system.asked).toEqual(asked);
  });

  it('finds the system by its data folder', async () => {
    expect((await chaos('status', '--data', './elsewhere')).data).toEqual(['./elsewhere']);
    expect((await chaos('status')).data).toEqual([undefined]);
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

  it.each([
    [[], 'Say what to do.'],
    [['kil', 'any'], 'kil'],
    [['kill'], 'Not enough'],
    [['kill', 'any', '--wait'], 'wait'],
    [['kill', 'worker-9'], 'there is no "worker-9" here'],
    [['kill', 'stack', '--empty'], 'empty'],
    [['fault', 'all', 'eror=1'], '"eror" is no fault'],
    [['fault', 'all', 'error=1', '--for', 'soon'], '"soon" is no duration'],
    [['latency', 'stack', 'slow'], '"slow" is no latency'],
    [['latency', 'worker-1', '5'], 'worker-1'],
    [['empty', 'stack'], 'stack'],
  ])('does nothing of %j, says why, and ends with 2', async (words, reason) => {
    const { code, out, errors, system } = await chaos(...words);
    expect(code).toBe(COULD_NOT);
    expect(errors).toContain(reason);
    expect(out).toBe('');
    expect(system.asked).toEqual([]);
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
    const { code, out, data } = await chaos('--help');
    expect(code).toBe(0);
    for (const verb of ['kill', 'fault', 'latency', 'cut', 'heal']) expect(out).toContain(`-- ${verb}`);
    expect(out).toContain('fault worker-2 error=0.5 --for');
    expect(data).toEqual([]);
  });
});
