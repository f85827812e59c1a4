/** The main job, whole: real processes, a real queue and database, the real model, and workers that die. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSentences } from '../../tools/examples/sentences.js';
import { eventually } from '../support/eventually.js';
import {
  askBareModel,
  expectAsAnswered,
  expectOnce,
  inconsistentHistories,
  tasksOf,
  wrongAnswers,
  type Oracle,
} from './checks.js';
import { ask, askAll, call, getTask, getWorkers, post, type Answered, type Task } from './clients.js';
import { isAlive, isFree, PATIENCE, startSystem, type System, type SystemOptions } from './system.js';

const LONG = PATIENCE.timeoutMs;
const AWKWARD = ['great 😀👩‍👩‍👧 ', 'שלום עולם، مرحبا بالعالم', 'nul \u0000 inside', 'x'.repeat(10_000)];

const sentences = readSentences().map(({ text }) => text);
const [firstSentence = ''] = sentences;
let oracle: Oracle;
let data: string;
let started: System[] = [];

async function start(options: Omit<SystemOptions, 'data'>, folder = data): Promise<System> {
  const system = await startSystem({ data: folder, ...options });
  started.push(system);
  return system;
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'boomerang-e2e-'));
  oracle = await askBareModel([...sentences, ...AWKWARD]);
}, LONG);

afterAll(async () => {
  await Promise.all(started.map((system) => system.end()));
  started = [];
  await rm(data, { recursive: true, force: true });
}, LONG);

describe('the main job on good days, then stopped and started again', { timeout: LONG }, () => {
  let system: System;
  let answered: readonly Answered[];
  let tasks: readonly Task[];

  beforeAll(async () => {
    system = await start({ flags: ['--faults', 'none'] });
  }, LONG);

  it('is ready: three workers are up, and everything says so', async () => {
    expect(await call(`${system.url}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
    await eventually(async () => {
      expect(await call(`${system.url}/readyz`)).toMatchObject({ status: 200, body: { workersUp: 3 } });
    }, PATIENCE);
    await eventually(async () => {
      const workers = await getWorkers(system.url);
      expect(workers.map(({ id, state, faults }) => ({ id, state, faults }))).toEqual(
        ['worker-1', 'worker-2', 'worker-3'].map((id) => ({ id, state: 'up', faults: 'none' })),
      );
    }, PATIENCE);
  });

  it('answers one text', async () => {
    const reply = await post(system.url, { text: firstSentence });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        status: 'succeeded',
        label: oracle(firstSentence).label,
        score: expect.closeTo(oracle(firstSentence).score, 5) as number,
        deliveries: 1,
        workerId: expect.stringMatching(/^worker-[123]$/) as string,
        timings: {
          queueMs: expect.any(Number) as number,
          computeMs: expect.any(Number) as number,
          totalMs: expect.any(Number) as number,
        },
      },
    });
  });

  it('answers many texts, in the order asked', async () => {
    const texts = sentences.slice(0, 100);
    expect(wrongAnswers(await ask(system.url, texts, 'many'), oracle)).toEqual([]);
  });

  it('answers later where that is asked for', async () => {
    const reply = await post(system.url, { text: firstSentence }, { prefer: 'respond-async' });
    expect(reply.status).toBe(202);
    const location = reply.headers.get('location') ?? '';
    await eventually(async () => {
      expect((await call(system.url + location)).body).toMatchObject({
        status: 'succeeded',
        text: firstSentence,
        label: oracle(firstSentence).label,
        history: [{ number: 1, outcome: 'succeeded' }],
      });
    }, PATIENCE);
  });

  it('refuses what it cannot understand, and goes on', async () => {
    const reply = await post(system.url, { text: ' ' });
    expect(reply).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ path: 'text' }] },
    });
    expect((await post(system.url, { text: firstSentence })).status).toBe(200);
  });

  it('gives the same text the same answer, whatever its neighbors', async () => {
    const requests = Array.from({ length: 12 }, (_, turn) => {
      const neighbors = sentences.slice(20 * turn, 20 * turn + 2 * turn);
      return [...neighbors, firstSentence, ...AWKWARD.slice(0, turn % 5)];
    });
    const together = await Promise.all(
      requests.map((texts, turn) => ask(system.url, texts, `mixed-${turn}`)),
    );
    expect(wrongAnswers(together.flat(), oracle)).toEqual([]);
    const scores = together
      .flat()
      .flatMap(({ text, answer }) => (text === firstSentence ? [answer.score ?? 0] : []));
    expect(scores).toHaveLength(12);
    expect(Math.max(...scores) - Math.min(...scores)).toBeLessThanOrEqual(1e-5);
  });

  it('tells of every delivery and every task in its log', async () => {
    answered = await ask(system.url, [firstSentence], 'logged');
    const [taskId = ''] = answered.map(({ answer }) => answer.taskId);
    tasks = await tasksOf(system.url, answered);
    const batchId = taskId.slice(0, taskId.lastIndexOf('-'));
    const workerId = tasks[0]?.workerId ?? '';
    const lineOf = (event: string, field: string, value: string) =>
      eventually(() => system.logLines(event).find((line) => line[field] === value) ?? false, PATIENCE);
    const ofDelivery = { process: 'coordinator', level: 'info', workerId, delivery: 1, retries: 0 };
    expect(await lineOf('delivery.started', 'batchId', batchId)).toMatchObject({
      ...ofDelivery,
      requestIds: ['logged'],
    });
    expect(await lineOf('delivery.ended', 'batchId', batchId)).toMatchObject({
      ...ofDelivery,
      latencyMs: expect.any(Number) as number,
      outcome: 'succeeded',
    });
    expect(await lineOf('task.final', 'taskId', taskId)).toMatchObject({
      ...ofDelivery,
      requestId: 'logged',
      latencyMs: tasks[0]?.timings?.['totalMs'],
      outcome: 'succeeded',
    });
  });

  it('ends with 0 on SIGTERM, and leaves no process and no port behind', async () => {
    const pids = system.pids();
    const urls = [system.url, system.stackUrl, ...system.workers.map(({ url }) => url)];
    expect(pids.length).toBeGreaterThanOrEqual(6);
    expect(pids.filter((pid) => !isAlive(pid))).toEqual([]);
    expect(await Promise.all(urls.map(isFree))).toEqual(urls.map(() => false));
    expect(await system.stop('SIGTERM')).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    // a connection of somebody else may have been given one of these ports for a moment
    await eventually(async () => (await Promise.all(urls.map(isFree))).every(Boolean), PATIENCE);
  });

  it('still knows its tasks after a restart', async () => {
    const again = await start({ flags: ['--faults', 'none', '--workers', '1'] });
    for (const task of tasks) expect(await getTask(again.url, task.taskId)).toEqual(task);
    expect(wrongAnswers(await ask(again.url, [firstSentence], 'again'), oracle)).toEqual([]);
    expect(await again.stop('SIGINT')).toBe(0);
  });
});

describe('the main job under demo faults, a worker killed in the middle', { timeout: LONG }, () => {
  const victim = 'worker-2';
  let system: System;
  let answered: readonly Answered[];
  let tasks: readonly Task[];
  let startedBefore: string | undefined;
  let killedPid: number | undefined;

  beforeAll(async () => {
    const soon = ['--redelivery', 'backoff', '--visibility-timeout', '3'];
    const flags = ['--faults', 'demo', '--fault-seed', '11', '--max-batch-tasks', '4', ...soon];
    system = await start({ flags, environment: { INVOKE_TIMEOUT_MS: '2000' } });
    startedBefore = (await getWorkers(system.url)).find(({ id }) => id === victim)?.startedAt;
    let killing: Promise<number> | undefined;
    answered = await askAll(system.url, sentences, 8, (count) => {
      if (count > sentences.length / 3) killing ??= eventually(killVictim, PATIENCE);
    });
    killedPid = await killing;
    tasks = await tasksOf(system.url, answered);
  }, LONG);

  afterAll(() => system.end(), LONG);

  /** An injected crash may have come first, so it is whichever process is the worker now. */
  function killVictim(): number {
    const pid = system.pidOf(victim);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  it('answers every text, as the bare model does', () => {
    expect(answered.map(({ text }) => text).toSorted()).toEqual(sentences.toSorted());
    expect(wrongAnswers(answered, oracle)).toEqual([]);
  });

  it('answers it once, and keeps the answer', async () => {
    expectAsAnswered(tasks, answered);
    await eventually(() => expectOnce(system, answered), PATIENCE);
  });

  it('keeps a history that adds up, in which something failed', () => {
    expect(inconsistentHistories(tasks)).toEqual([]);
    expect(tasks.filter(({ history }) => history.at(-1)?.outcome !== 'succeeded')).toEqual([]);
    expect(system.logLines('delivery.ended').some((line) => line['outcome'] === 'failed')).toBe(true);
  });

  it('has the killed worker back under its id, as another process', async () => {
    expect(killedPid).toBeGreaterThan(0);
    expect(system.logLines('process.exited')).toContainEqual(
      expect.objectContaining({ child: victim, signal: 'SIGKILL' }) as object,
    );
    await eventually(() => system.pidOf(victim) !== killedPid && isAlive(system.pidOf(victim)), PATIENCE);
    const back = await eventually(async () => {
      const worker = (await getWorkers(system.url)).find(({ id }) => id === victim);
      return worker?.state === 'up' && worker.startedAt !== startedBefore && worker;
    }, PATIENCE);
    expect(back.faults).toBe('demo');
  });

  it('never changes what was final', async () => {
    expectAsAnswered(await tasksOf(system.url, answered), answered);
  });
});

describe('the main job in a storm', { timeout: LONG }, () => {
  let folder: string;
  let system: System;
  let answered: readonly Answered[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'boomerang-e2e-'));
    const faults = 'error=0.3,crash=0.02,drop=0.1,partial=0.2,hang=0.02';
    const patience = ['--redelivery', 'timeout', '--visibility-timeout', '1', '--max-receive-count', '1000'];
    const flags = ['--faults', faults, '--fault-seed', '5', '--max-batch-tasks', '8', ...patience];
    system = await start({ flags, environment: { INVOKE_TIMEOUT_MS: '500' } }, folder);
    answered = await askAll(system.url, sentences.slice(0, 60), 20);
  }, LONG);

  afterAll(async () => {
    await system.end();
    await rm(folder, { recursive: true, force: true });
  }, LONG);

  it('answers every text, correctly and once, whatever it took', async () => {
    expect(answered).toHaveLength(60);
    expect(wrongAnswers(answered, oracle)).toEqual([]);
    await eventually(() => expectOnce(system, answered), PATIENCE);
  });

  it('took several deliveries, numbered without a gap, and the answers stay', async () => {
    const tasks = await tasksOf(system.url, answered);
    expectAsAnswered(tasks, answered);
    expect(inconsistentHistories(tasks)).toEqual([]);
    expect(Math.max(...tasks.map(({ deliveries }) => deliveries))).toBeGreaterThan(3);
  });
});
