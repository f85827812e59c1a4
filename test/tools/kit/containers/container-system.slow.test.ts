/** The verbs of chaos on containers: what the engine is asked to do. */
import { afterEach, describe, expect, it } from 'vitest';
import { connectWith } from '../../../../tools/kit/system/choose-system.js';
import { connectContainers } from '../../../../tools/kit/containers/container-system.js';
import { NothingRunsError, type ChaosSystem } from '../../../../tools/kit/system/system.js';
import { eventually } from '../../../support/eventually.js';
import {
  startFakeEngine,
  type FakeContainer,
  type FakeEngine,
  type OnExec,
} from '../../../support/fake-engine.js';

const NETWORK = 'boomerang_default';
let engine: FakeEngine | undefined;

afterEach(() => engine?.close());

const container = (target: string, more: Partial<FakeContainer> = {}): FakeContainer => ({
  target,
  status: 'running',
  networks: [NETWORK],
  ...more,
});

const system = (): FakeContainer[] => [
  container('worker-2'),
  container('stack', { published: 4566 }),
  container('worker-10'),
  container('coordinator', { published: 8080, env: ['VISIBILITY_TIMEOUT_SECONDS=3', 'API_KEY='] }),
  container('worker-1', { env: ['FAULTS=storm'] }),
];

async function connected(
  containers: readonly FakeContainer[],
  {
    onExec,
    project,
    checkReachable = () => Promise.resolve(),
  }: {
    readonly onExec?: OnExec;
    readonly project?: string;
    readonly checkReachable?: () => Promise<void>;
  } = {},
): Promise<ChaosSystem> {
  engine = await startFakeEngine(containers, onExec);
  return connectContainers(engine.docker, project, {
    emptyQueue: () => Promise.resolve(),
    checkReachable,
  });
}

/** Published at a port where nobody listens. */
const unreachable = (containers: readonly FakeContainer[]) =>
  containers.map((one) => (one.published === undefined ? one : { ...one, published: 1 }));

const healthy: OnExec = () => JSON.stringify({ status: 200, text: '{"status":"ok"}' });
const noFaults = { workerId: 'worker-2', faults: 'none', list: 'none', beneath: [] };

describe('connectContainers', () => {
  it('knows addresses, workers and settings from what the engine tells', async () => {
    const found = await connected(system());
    expect(found.coordinatorUrl).toBe('http://127.0.0.1:8080');
    expect(found.stackUrl).toBe('http://127.0.0.1:4566');
    expect(found.workers.map(({ id }) => id)).toEqual(['worker-1', 'worker-2', 'worker-10']);
    expect(found.stackIsVolatile).toBe(true);
    expect(found.settings).toMatchObject({
      VISIBILITY_TIMEOUT_SECONDS: '3',
      INVOKE_TIMEOUT_MS: '10000',
      FAULTS: 'storm',
    });
  });

  it('tells the states of all processes', async () => {
    const containers = system();
    const found = await connected(containers);
    Object.assign(containers[0] ?? {}, { status: 'exited' });
    Object.assign(containers[2] ?? {}, { status: 'paused' });
    Object.assign(containers[4] ?? {}, { status: 'restarting' });
    expect((await found.processes()).map(({ name, state, pid }) => [name, state, pid])).toEqual([
      ['worker-1', 'restarting', undefined],
      ['worker-2', 'stopped', undefined],
      ['worker-10', 'paused', 4711],
      ['coordinator', 'running', 4711],
      ['stack', 'running', 4711],
    ]);
  });

  it.each([
    ['there are none', [], 'no container of Boomerang is there'],
    ['the coordinator publishes nothing', [container('coordinator')], 'no coordinator with a published port'],
  ])('says so where %s', async (_where, containers, message) => {
    const connecting = connected(containers);
    await expect(connecting).rejects.toThrow(NothingRunsError);
    await expect(connecting).rejects.toThrow(message);
  });

  it('says so where no engine answers', async () => {
    engine = await startFakeEngine([]);
    await engine.close();
    const calls = { emptyQueue: () => Promise.resolve(), checkReachable: () => Promise.resolve() };
    await expect(connectContainers(engine.docker, undefined, calls)).rejects.toThrow(
      'no container engine answers',
    );
  });

  it('refuses to guess which of two namesakes is meant', async () => {
    const both = [...system(), container('coordinator', { name: 'boomerang_coordinator_run_1' })];
    await expect(connected(both)).rejects.toThrow(
      '2 containers are coordinator (boomerang_coordinator_run_1, coordinator)',
    );
  });

  it('takes the one that is named of several projects, and refuses to guess', async () => {
    const both = [...system(), container('coordinator', { project: 'other', published: 9090 })] as const;
    await expect(connected(both)).rejects.toThrow('several run in containers (boomerang, other)');
    await engine?.close();
    expect((await connected(both, { project: 'boomerang' })).coordinatorUrl).toBe('http://127.0.0.1:8080');
  });
});

describe('the verbs on containers', () => {
  it.each([
    ['kill', ['worker-1 kill', 'worker-1 start']],
    ['stop', ['worker-1 stop']],
    ['start', []],
    ['pause', ['worker-1 pause']],
    ['resume', []],
    ['restart', ['worker-1 stop', 'worker-1 start']],
  ] as const)('%s', async (verb, done) => {
    const found = await connected(system(), { onExec: healthy });
    await found[verb]('worker-1');
    expect(engine?.done).toEqual(done);
  });

  it('one that is stopped cannot be killed', async () => {
    const found = await connected(system());
    await found.stop('worker-1');
    await expect(found.kill('worker-1')).rejects.toThrow('worker-1 is stopped, so there is nothing to kill');
    expect(engine?.done).toEqual(['worker-1 stop']);
  });

  it('a paused one is resumed before it is stopped', async () => {
    const found = await connected(system());
    await found.pause('worker-1');
    await found.stop('worker-1');
    expect(engine?.done).toEqual(['worker-1 pause', 'worker-1 unpause', 'worker-1 stop']);
  });

  it('a start waits until the process answers from within', async () => {
    let requested = 0;
    const onExec: OnExec = () => JSON.stringify({ status: (requested += 1) < 3 ? 503 : 200, text: '' });
    const containers = system();
    const found = await connected(containers, { onExec });
    await found.stop('worker-2');
    await found.start('worker-2');
    expect(requested).toBe(3);
  });

  it('faults are set from within the worker', async () => {
    const requested: (readonly string[])[] = [];
    const onExec: OnExec = (target, words) => {
      requested.push([target, ...words.slice(2)]);
      return JSON.stringify({ status: 200, text: JSON.stringify(noFaults) });
    };
    const found = await connected(system(), { onExec });
    await found.fault('worker-2', 'error=0.5', { forMs: 1000 });
    const body = JSON.stringify({ faults: 'error=0.5', forMs: 1000 });
    expect(requested).toEqual([['worker-2', 'PUT', 'http://127.0.0.1:9001/faults', body]]);
  });

  it('says why a worker refused', async () => {
    const problem = JSON.stringify({ status: 400, text: JSON.stringify({ detail: 'no such kind' }) });
    const found = await connected(system(), { onExec: () => problem });
    await expect(found.fault('worker-2', 'nonsense=1')).rejects.toThrow('worker-2: no such kind');
  });

  it.each([
    ['paused', 'stack unpause'],
    ['exited', 'stack start'],
  ] as const)('one that keeps its data is emptied though it is %s', async (status, first) => {
    const deleted: string[] = [];
    const onExec: OnExec = (_target, words) => {
      deleted.push(words.join(' '));
      return '';
    };
    const stack = container('stack', { published: 4566, env: ['STACK_DATA=/data'], status });
    const found = await connected([...system().filter(({ target }) => target !== 'stack'), stack], {
      onExec,
    });
    await found.restart('stack', { empty: true });
    expect(deleted).toEqual(['rm -rf /data']);
    expect(engine?.done).toEqual([first, 'stack kill', 'stack start']);
  });

  it('only the stack is restarted empty: killed, what it keeps in a folder deleted before', async () => {
    const words: string[] = [];
    const containers = system().map((one) =>
      one.target === 'stack' ? { ...one, env: ['STACK_DATA=/var/lib/boomerang/stack'] } : one,
    );
    const found = await connected(containers, {
      onExec: (_target, given) => {
        words.push(given.join(' '));
        return '';
      },
    });
    expect(found.stackIsVolatile).toBe(false);
    await found.restart('stack', { empty: true });
    expect(words).toEqual(['rm -rf /var/lib/boomerang/stack']);
    expect(engine?.done).toEqual(['stack kill', 'stack start']);
    await expect(found.restart('worker-1', { empty: true })).rejects.toThrow('only the stack');
  });

  it('cuts the stack off its network, for a time where one is given, and connects it under its name', async () => {
    const found = await connected(system(), { onExec: healthy });
    await found.network({ cut: true, forMs: 50 });
    expect(await found.injected()).toContainEqual({ target: 'stack', what: 'cut' });
    await eventually(() => engine?.done.length === 2);
    expect(engine?.done).toEqual([`stack disconnect ${NETWORK}`, `stack connect ${NETWORK} localstack`]);
  });

  it('connects a stack that is cut for a time when the program is asked to end', async () => {
    const found = await connected(system(), { onExec: healthy });
    await found.network({ cut: true, forMs: 60_000 });
    process.emit('SIGTERM');
    await eventually(() => engine?.done.length === 2);
    expect(engine?.done.at(-1)).toBe(`stack connect ${NETWORK} localstack`);
  });

  it('lets a cut without an end take the place of one that has an end', async () => {
    const found = await connected(system(), { onExec: healthy });
    await found.network({ cut: true, forMs: 60_000 });
    const listeners = process.listenerCount('SIGTERM');
    await found.network({ cut: true });
    expect(process.listenerCount('SIGTERM')).toBe(listeners - 1);
  });

  it('adds latency to our own stack, from within', async () => {
    const requested: (readonly string[])[] = [];
    const own = container('stack', { published: 4566, env: ['STACK_DATA=/data'] });
    const view = { delayMs: 100, jitterMs: 0, cut: false };
    const found = await connected([...system().filter(({ target }) => target !== 'stack'), own], {
      onExec: (target, words) => {
        requested.push([target, ...words.slice(2)]);
        return JSON.stringify({ status: 200, text: JSON.stringify(view) });
      },
    });
    await found.network({ delayMs: 100 });
    const url = 'http://127.0.0.1:4566/_boomerang/network';
    expect(requested).toEqual([['stack', 'PUT', url, JSON.stringify({ delayMs: 100 })]]);
    expect(await found.injected()).toContainEqual({
      target: 'stack',
      what: 'latency 100 ms',
      leftMs: undefined,
    });
  });

  it('knows nothing of a container that is removed while it looks', async () => {
    const containers = system();
    const found = await connected(containers);
    Object.assign(containers[0] ?? {}, { isGone: true });
    expect((await found.processes()).map(({ name }) => name)).not.toContain('worker-2');
  });

  it('adds no latency to a stack that is none of ours, and says so', async () => {
    const found = await connected(unreachable(system()));
    await expect(found.network({ delayMs: 100 })).rejects.toThrow(
      'latency can be added by the embedded stack alone',
    );
  });

  it('heals what was broken, and tells what it was', async () => {
    const onExec: OnExec = () => JSON.stringify({ status: 200, text: JSON.stringify(noFaults) });
    const containers = unreachable(system());
    const found = await connected(containers, { onExec });
    await found.pause('worker-1');
    await found.stop('worker-2');
    await found.network({ cut: true });
    expect(await found.heal()).toEqual(['worker-1: resumed', 'worker-2: started', 'stack: connected again']);
    expect((await found.processes()).every(({ state }) => state === 'running')).toBe(true);
  });
});

describe('a stack that was cut off and stopped', () => {
  const cutAndStopped = async () => {
    const containers = system();
    const stack = containers.find(({ target }) => target === 'stack');
    const found = await connected(containers, {
      onExec: () => JSON.stringify({ status: 200, text: JSON.stringify(noFaults) }),
      checkReachable: () =>
        stack?.networks.length === 0 ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve(),
    });
    await found.network({ cut: true });
    await found.stop('stack');
    return found;
  };

  it('is healed: it cannot answer before it is connected again', async () => {
    const found = await cutAndStopped();
    expect(await found.heal()).toEqual(['stack: started', 'stack: connected again']);
    expect(await found.injected()).toEqual([]);
  });

  it('stays cut off where it is only started', async () => {
    const found = await cutAndStopped();
    await found.start('stack');
    expect(await found.injected()).toContainEqual({ target: 'stack', what: 'cut' });
  });
});

describe('connectWith', () => {
  const supervised = { coordinatorUrl: 'supervised' } as ChaosSystem;
  const contained = { coordinatorUrl: 'contained' } as ChaosSystem;
  const nothing = () => Promise.reject(new NothingRunsError('nothing runs here'));

  it.each([
    ['the supervised one, where it runs', {}, () => Promise.resolve(supervised), 'supervised'],
    ['the one in containers, where nothing else runs', {}, nothing, 'contained'],
    [
      'the one in containers, asked for',
      { containers: true },
      () => Promise.resolve(supervised),
      'contained',
    ],
  ])('takes %s', async (_which, choice, onFolder, expected) => {
    const connect = connectWith({ onFolder, inContainers: () => Promise.resolve(contained) });
    expect((await connect(choice)).coordinatorUrl).toBe(expected);
  });

  it('takes none instead of the one whose folder is named, and says what is missing there', async () => {
    const connect = connectWith({ onFolder: nothing, inContainers: () => Promise.resolve(contained) });
    await expect(connect({ data: './mine' })).rejects.toThrow('nothing runs here');
    const neither = connectWith({
      onFolder: nothing,
      inContainers: () => Promise.reject(new NothingRunsError('no engine')),
    });
    await expect(neither({})).rejects.toThrow('nothing runs here');
  });
});
