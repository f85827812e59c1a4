import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_REDRIVEN } from '../../../contracts/http/api.js';
import { batchOf, deadLetter } from '../../../coordinator/batch/batch-life.js';
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import { newBatchId, taskIdOf } from '../../../contracts/batch/ids.js';
import { createSystemClock } from '../../../infra/process/system-clock.js';
import { createSystemRandom } from '../../../infra/process/system-random.js';
import { eventually } from '../../support/eventually.js';
import { answer, fail, succeedAll, success, type Script } from '../../support/fake-functions.js';
import {
  startHttpCoordinator,
  type HttpCoordinator,
  type HttpSetup,
} from '../../support/http-coordinator.js';
import { createMemoryStack } from '../../support/running-coordinator.js';

interface Listed {
  readonly tasks: readonly DeadLetter[];
  readonly cursor?: string;
}
interface DeadLetter {
  readonly taskId: string;
  readonly text: string;
  readonly status: string;
  readonly redriveOf?: string;
  readonly redrivenAs?: string;
}
interface Redrive {
  readonly redriven: readonly { readonly taskId: string; readonly redrivenAs: string }[];
  readonly skipped: readonly { readonly taskId: string; readonly reason: string; redrivenAs?: string }[];
  readonly more: boolean;
  readonly cursor?: string;
}

const VISIBILITY_MS = 2000;
const clock = createSystemClock();
const random = createSystemRandom();

let coordinator: HttpCoordinator | undefined;
const start = async (setup: HttpSetup = {}) => (coordinator = await startHttpCoordinator(setup));
afterEach(async () => {
  await coordinator?.stop();
  coordinator = undefined;
});

/** As the consumer of the dead-letter queue leaves a batch of which nothing was ever answered. */
function deadLettered(texts: readonly string[]): BatchDocument {
  const nowMs = clock.now();
  const batch = batchOf(
    {
      version: 1,
      batchId: newBatchId(clock, random),
      batchNumber: 1,
      coordinatorId: 'coordinator-dead',
      createdAtMs: nowMs,
      send: 1,
      inputs: texts.map((text) => ({ text, requestId: 'request-old', acceptedAtMs: nowMs })),
    },
    VISIBILITY_MS,
  );
  const move = { nowMs, writeId: 'w', visibilityTimeoutMs: VISIBILITY_MS, retentionMs: 3_600_000 };
  return deadLetter(batch, move) ?? batch;
}

async function put({ batches }: HttpCoordinator, ...texts: readonly string[]): Promise<string[]> {
  const batch = deadLettered(texts);
  await batches.create(batch);
  return texts.map((_, slot) => taskIdOf(batch.id, slot));
}

async function list({ call }: HttpCoordinator, query = ''): Promise<Listed> {
  const { status, body } = await call(`/dead-letters${query}`);
  expect(status).toBe(200);
  return body as Listed;
}

const post = ({ call }: HttpCoordinator, body: unknown) =>
  call('/dead-letters/redrive', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function redrive(running: HttpCoordinator, body: unknown = {}): Promise<Redrive> {
  const { status, body: said } = await post(running, body);
  expect(status).toBe(200);
  return said as Redrive;
}

async function task({ call }: HttpCoordinator, taskId: string): Promise<DeadLetter> {
  return (await call(`/tasks/${taskId}`)).body as DeadLetter;
}

const newTasksIn = ({ batches }: HttpCoordinator) =>
  [...batches.items.values()].flatMap(({ inputs }) => inputs).filter(({ redriveOf }) => redriveOf);

describe('the list of dead letters', () => {
  it.each([1, 3, 4])('holds what the queue gave up after %i receives, and nothing else', async (receives) => {
    const script: Script = (invoke) => {
      const { tasks } = invoke.request;
      if (tasks.some(({ text }) => text === 'poison')) return fail();
      return answer(
        invoke.workerId,
        tasks.map(({ taskId, text }) =>
          text === 'hopeless'
            ? { taskId, status: 'failed', code: 'no', message: 'never', retryable: false }
            : success(taskId, text),
        ),
      );
    };
    const running = await start({ script, memoryStack: createMemoryStack(VISIBILITY_MS, receives) });
    const [dead, , unanswerable] = await running.finished([
      ...(await running.accept({ text: 'poison' })),
      ...(await running.accept({ text: 'good' })),
      ...(await running.accept({ text: 'hopeless' })),
    ]);
    expect(unanswerable?.status).toBe('failed');
    expect((await list(running)).tasks).toMatchObject([
      {
        taskId: dead?.taskId,
        text: 'poison',
        status: 'failed',
        error: { code: 'http_500', message: 'planned' },
        deliveries: receives,
        deadLetteredAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    ]);
    expect(await task(running, unanswerable?.taskId ?? '')).not.toHaveProperty('deadLetteredAt');
  });

  it('is paged, newest first, each task once', async () => {
    const running = await start();
    const ids: string[] = [];
    for (let batch = 0; batch < 5; batch += 1) ids.unshift(...(await put(running, 'a', 'b', 'c')));
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: Listed = await list(running, `?limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.tasks.map(({ taskId }) => taskId));
      cursor = page.cursor;
    }
    expect(seen).toHaveLength(15);
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  it.each(['?limit=0', '?cursor=nonsense', '?status=failed'])('refuses %s', async (query) => {
    const running = await start();
    expect(await running.call(`/dead-letters${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  it('wants the key where one is set, and so does redriving', async () => {
    const running = await start({ apiKey: 'open sesame' });
    expect((await running.call('/dead-letters')).status).toBe(401);
    expect((await post(running, {})).status).toBe(401);
  });
});

describe('redriving', () => {
  it('takes every text in again as a new task, linked both ways, and leaves the old one failed', async () => {
    const running = await start({ script: succeedAll });
    const ids = [...(await put(running, 'one', 'two')), ...(await put(running, 'three'))];
    const { redriven, skipped, more } = await redrive(running);
    expect(redriven.map(({ taskId }) => taskId).sort()).toEqual([...ids].sort());
    expect({ skipped, more }).toEqual({ skipped: [], more: false });
    for (const { taskId, redrivenAs } of redriven) {
      const old = await task(running, taskId);
      expect(old).toMatchObject({ status: 'failed', redrivenAs });
      await eventually(async () => {
        expect(await task(running, redrivenAs)).toMatchObject({
          status: 'succeeded',
          text: old.text,
          redriveOf: taskId,
          history: [{ number: 1, cause: 'redriven' }],
        });
      });
    }
    const listed = (await list(running)).tasks;
    expect(listed).toHaveLength(3);
    expect(listed.every(({ redrivenAs }) => redrivenAs !== undefined)).toBe(true);
  });

  it('skips what was redriven before', async () => {
    const running = await start();
    const [taskId = ''] = await put(running, 'once');
    const [first] = (await redrive(running)).redriven;
    const again = { taskId, reason: 'already_redriven', redrivenAs: first?.redrivenAs };
    expect(await redrive(running)).toMatchObject({ redriven: [], skipped: [again] });
    expect(await redrive(running, { taskIds: [taskId] })).toMatchObject({ redriven: [], skipped: [again] });
    expect(newTasksIn(running)).toHaveLength(1);
  });

  it('takes those that are named, and says why others are left', async () => {
    const running = await start();
    const [wanted = '', other = ''] = await put(running, 'this', 'not this');
    const [done] = await running.classify(['fine']);
    const unknown = taskIdOf(newBatchId(clock, random), 0);
    const taskIds = [wanted, wanted, done?.taskId ?? '', unknown, 'nonsense'];
    const { redriven, skipped } = await redrive(running, { taskIds });
    expect(redriven.map(({ taskId }) => taskId)).toEqual([wanted]);
    expect(Object.fromEntries(skipped.map(({ taskId, reason }) => [taskId, reason]))).toEqual({
      nonsense: 'not_found',
      [unknown]: 'not_found',
      [done?.taskId ?? '']: 'not_dead_lettered',
    });
    expect(await task(running, other)).not.toHaveProperty('redrivenAs');
  });

  it('keeps the link though the tables are emptied', async () => {
    const memoryStack = createMemoryStack();
    const running = await start({ memoryStack });
    const [taskId = ''] = await put(running, 'linked');
    const [first] = (await redrive(running)).redriven;
    await eventually(() => expect(memoryStack.marker.id).toBeDefined());
    const marker = memoryStack.marker.id;
    memoryStack.batches.items.clear();
    memoryStack.marker.id = undefined;
    await eventually(() => expect(memoryStack.marker.id).not.toBe(marker));
    await eventually(async () =>
      expect(await task(running, taskId)).toMatchObject({ status: 'failed', redrivenAs: first?.redrivenAs }),
    );
  });

  it('takes in again what failed once more', async () => {
    const running = await start({ script: () => fail(), memoryStack: createMemoryStack(VISIBILITY_MS, 1) });
    await put(running, 'stubborn');
    const [first] = (await redrive(running)).redriven;
    await eventually(async () => (await task(running, first?.redrivenAs ?? '')).status === 'failed');
    const [second] = (await redrive(running)).redriven;
    expect(second?.taskId).toBe(first?.redrivenAs);
  });

  it.each([
    ['the link was not written', 'effect-lost'],
    ['only the reply to the link was lost', 'reply-lost'],
  ] as const)('makes nothing twice where %s', async (_what, failure) => {
    const running = await start({ workers: 0 });
    const [taskId = ''] = await put(running, 'cut off');
    running.batches.failures.plan('replace', failure);
    expect((await post(running, {})).status).toBe(503);
    const { redriven, skipped } = await redrive(running);
    const newTask = redriven[0]?.redrivenAs ?? skipped[0]?.redrivenAs;
    expect(await task(running, taskId)).toMatchObject({ redrivenAs: newTask });
    expect(newTasksIn(running)).toHaveLength(1);
  });

  it('makes nothing twice where a coordinator died between the key and the link', async () => {
    const running = await start({ workers: 0 });
    const [taskId = ''] = await put(running, 'orphan');
    running.batches.failures.plan('replace', 'effect-lost');
    await post(running, {});
    const { memoryStack } = running;
    await running.stop();
    const next = await start({ memoryStack });
    const [again] = (await redrive(next, { taskIds: [taskId] })).redriven;
    expect(newTasksIn(next)).toHaveLength(1);
    expect(await task(next, again?.redrivenAs ?? '')).toMatchObject({ redriveOf: taskId });
  });

  it('makes one new task where two people redrive at once', async () => {
    const running = await start({ workers: 0 });
    await put(running, 'contended');
    const [mine, theirs] = await Promise.all([redrive(running), redrive(running)]);
    const made = new Set(
      [mine, theirs].flatMap(({ redriven, skipped }) =>
        [...redriven, ...skipped].map(({ redrivenAs }) => redrivenAs),
      ),
    );
    expect(made.size).toBe(1);
    const live = async () => {
      const open = await running.call('/tasks?status=open');
      return (open.body as Listed).tasks.map(({ taskId }) => taskId);
    };
    await eventually(async () => expect(await live()).toEqual([...made]));
  });

  it('counts each link once where two write it at once', async () => {
    const { coordinator, batches } = await start({ workers: 0 });
    const batch = deadLettered(['contended', 'as well']);
    await batches.create(batch);
    const count = vi.spyOn(coordinator.stats, 'count');
    const taskIds = [0, 1].map((index) => taskIdOf(batch.id, index));
    const never = new AbortController().signal;
    const again = () => coordinator.redrive({ taskIds }, 'request-again', never);
    const [mine, theirs] = await Promise.all([again(), again()]);
    expect(mine.redriven).toHaveLength(2);
    expect(theirs.redriven).toEqual(mine.redriven);
    const counted = count.mock.calls.filter(([name]) => name === 'redriven').map(([, by = 1]) => by);
    expect(counted.reduce((sum, by) => sum + by, 0)).toBe(2);
  });

  it('leaves for later what admission refuses, and says so', async () => {
    const running = await start({ workers: 0, maxOutstandingTasks: 2 });
    await put(running, 'a', 'b', 'c');
    const first = await post(running, {});
    expect(first).toMatchObject({ status: 200, body: { more: true, skipped: [] } });
    expect((first.body as Redrive).redriven).toHaveLength(2);
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await post(running, {})).toMatchObject({ status: 429, body: { code: 'overloaded' } });
    const named = (await list(running)).tasks.filter(({ redrivenAs }) => redrivenAs === undefined);
    running.beating.add('worker-1');
    await eventually(() => running.coordinator.ledger.outstandingTasks === 0);
    const rest = await redrive(running);
    expect(rest).toMatchObject({ redriven: [{ taskId: named[0]?.taskId }], more: false });
  });

  it('is bounded, and goes on where it stopped', async () => {
    const running = await start({ script: succeedAll });
    const texts = Array.from({ length: 100 }, (_, index) => `text ${index}`);
    for (let batch = 0; batch < MAX_REDRIVEN / 100 + 1; batch += 1) await put(running, ...texts);
    const first = await redrive(running);
    expect(first.redriven).toHaveLength(MAX_REDRIVEN);
    expect(first.more).toBe(true);
    const rest = await redrive(running, { cursor: first.cursor });
    expect(rest).toMatchObject({ more: false, skipped: [] });
    expect(rest.redriven).toHaveLength(100);
    expect(newTasksIn(running)).toHaveLength(MAX_REDRIVEN + 100);
    const sizes = [...running.batches.items.values()].flatMap(({ inputs }) =>
      inputs[0]?.redriveOf === undefined ? [] : [inputs.length],
    );
    expect(sizes.length).toBeLessThan(MAX_REDRIVEN / 4); // they travel together
  });

  it.each([
    ['an unknown field', { all: true }],
    ['no ids', { taskIds: [] }],
    ['too many ids', { taskIds: Array.from({ length: MAX_REDRIVEN + 1 }, () => 'x') }],
    ['ids that are no texts', { taskIds: [1] }],
    ['both ids and a cursor', { taskIds: ['x'], cursor: 'x' }],
    ['a cursor that is none', { cursor: 'nonsense' }],
    ['a list', []],
  ])('refuses %s', async (_what, body) => {
    expect(await post(await start(), body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  it('is refused while the coordinator stops', async () => {
    const running = await start();
    await put(running, 'too late');
    running.refusing.abort();
    expect(await post(running, {})).toMatchObject({ status: 503, body: { code: 'shutting_down' } });
    expect(newTasksIn(running)).toEqual([]);
  });

  it('has its keys to itself', async () => {
    const running = await start();
    const [taskId = ''] = await put(running, 'mine');
    const refused = await running.post({ text: 'x' }, { 'idempotency-key': `redrive:${taskId}` });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ path: 'Idempotency-Key' }] },
    });
    expect((await running.post({ text: 'x' }, { 'idempotency-key': 'redrive' })).status).toBe(200);
  });
});
