import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { answer, succeedAll, type Script } from '../../support/fake-functions.js';
import { eventually } from '../../support/eventually.js';
import {
  startHttpCoordinator,
  WORKER_TOKEN,
  type HttpCoordinator,
  type HttpSetup,
} from '../../support/http-coordinator.js';
import { createMemoryStack, heartbeatOf } from '../../support/running-coordinator.js';

interface TaskList {
  readonly tasks: { readonly taskId: string; readonly status: string; readonly text: string }[];
  readonly cursor?: string;
}

const FAR_CURSOR = `cursor=${Buffer.from('{"atMs":1e300,"id":"x","slot":0}').toString('base64url')}`;

const script: Script = (invoke) =>
  invoke.request.tasks.some(({ text }) => text.startsWith('hopeless'))
    ? answer(
        invoke.workerId,
        invoke.request.tasks.map(({ taskId }) => ({
          taskId,
          status: 'failed',
          code: 'hopeless',
          message: 'no',
          retryable: false,
        })),
      )
    : succeedAll(invoke);

describe('tasks', () => {
  let coordinator: HttpCoordinator;
  beforeAll(async () => {
    coordinator = await startHttpCoordinator({ script });
  });
  afterAll(() => coordinator.stop());

  const listAll = async (query: string): Promise<TaskList['tasks']> => {
    const tasks: TaskList['tasks'] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const suffix: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = (await coordinator.call(`/tasks?${query}${suffix}`)).body as TaskList;
      tasks.push(...page.tasks);
      cursor = page.cursor;
    }
    return tasks;
  };

  it('are listed newest first, page by page, none twice and none left out', async () => {
    for (let request = 0; request < 6; request += 1) {
      await coordinator.post({ texts: Array.from({ length: 5 }, (_, index) => `text ${request}.${index}`) });
    }
    const tasks = await listAll('limit=7');
    expect(tasks).toHaveLength(30);
    expect(new Set(tasks.map(({ taskId }) => taskId)).size).toBe(30);
    expect(tasks[0]?.text).toMatch(/^text 5/);
    expect(tasks.at(-1)?.text).toMatch(/^text 0/);
  });

  it('are filtered by status', async () => {
    const failed = await coordinator.post({ text: 'hopeless case' });
    expect(failed).toMatchObject({
      status: 502,
      body: { code: 'task_failed', error: { code: 'hopeless', message: 'no' } },
    });
    expect((await listAll('status=failed&limit=2')).map(({ text }) => text)).toEqual(['hopeless case']);
    expect((await listAll('status=succeeded&limit=20')).every(({ status }) => status === 'succeeded')).toBe(
      true,
    );
    expect(await listAll('status=open')).toEqual([]);
    expect(await listAll('status=cancelled')).toEqual([]);
  });

  it.each([
    ['/tasks?limit=1&limit=2', 'limit', 'expected a whole number from 1 to 200'],
    ['/dead-letters?limit=1&limit=2', 'limit', 'expected a whole number from 1 to 200'],
    ['/tasks?status=open&status=open', 'status', expect.stringMatching(/^expected one of: open, /)],
    ['/tasks?cursor=a&cursor=b', 'cursor', 'expected a cursor that an earlier answer gave'],
    [`/tasks?cursor=${'x'.repeat(201)}`, 'cursor', 'expected a cursor that an earlier answer gave'],
    ['/events?history=1&history=2', 'history', 'expected a whole number from 0 to 600'],
  ])('say what they expect: %s', async (path, field, message: unknown) => {
    const { status, body } = await coordinator.call(path);
    expect([status, body]).toEqual([400, expect.objectContaining({ errors: [{ path: field, message }] })]);
  });

  it.each(['status=nonsense', 'limit=0', 'limit=x', 'limit=201', 'cursor=nonsense', FAR_CURSOR, 'unknown=1'])(
    'refuse %s',
    async (query) => {
      expect(await coordinator.call(`/tasks?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    },
  );

  it.each([
    'nonsense',
    '01a209d1-bd0b-78a3-a7a2-3acf18a3c438-0',
    '01a209d1-bd0b-78a3-a7a2-3acf18a3c438-999',
    '..%2f..%2fetc',
    '%00',
  ])('answer 404 for %s', async (id) => {
    for (const method of ['GET', 'DELETE']) {
      expect(await coordinator.call(`/tasks/${id}`, { method })).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    }
  });

  it('answer 400 for a path that cannot be decoded', async () => {
    expect((await coordinator.call('/tasks/%E0%A4%A')).status).toBe(400);
  });

  it('cannot be cancelled once final', async () => {
    const { body } = await coordinator.post({ text: 'done' });
    const { taskId } = body as { taskId: string };
    expect(await coordinator.call(`/tasks/${taskId}`, { method: 'DELETE' })).toMatchObject({
      status: 409,
      body: { code: 'not_cancellable' },
    });
  });

  it('are unavailable, not unknown, while an emptied table has not got them back', async () => {
    const { body } = await coordinator.post({ text: 'still known' });
    const { taskId } = body as { readonly taskId: string };
    coordinator.batches.items.clear();
    expect(await coordinator.call(`/tasks/${taskId}`)).toMatchObject({
      status: 503,
      body: { code: 'stack_unavailable' },
    });
  });
});

describe('tasks of another coordinator, while an emptied table has not got them back', () => {
  it('are unavailable, not unknown, until it has', async () => {
    const memoryStack = createMemoryStack();
    const holder = await startHttpCoordinator({ memoryStack });
    onTestFinished(() => holder.stop());
    const other = await startHttpCoordinator({ memoryStack });
    onTestFinished(() => other.stop());
    const looked = memoryStack.queue.createdReads;
    await eventually(() => expect(memoryStack.queue.createdReads).toBeGreaterThan(looked + 3)); // both know the marker
    const headers = { 'idempotency-key': 'of the other' };
    const { taskId } = (await holder.post({ text: 'held' }, headers)).body as { readonly taskId: string };
    const ask = async () => (await other.call(`/tasks/${taskId}`)).status;
    expect(await ask()).toBe(200);
    memoryStack.batches.items.clear();
    memoryStack.marker.id = undefined;
    const seen = [(await other.post({ text: 'held' }, headers)).status];
    await eventually(async () => expect(seen.push(await ask()) && seen.at(-1)).toBe(200));
    expect(seen.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    const unknown = taskId.replace(/.{12}-0$/, '000000000000-0');
    expect(await other.call(`/tasks/${unknown}`)).toMatchObject({ status: 503 });
    const ofAnotherTime = taskId.replace(/^.{8}/, '01234567');
    expect(await other.call(`/tasks/${ofAnotherTime}`)).toMatchObject({ status: 404 });
  });
});

describe('a task that another coordinator made final', () => {
  it('stays as a client was told, though the other is gone when the tables are emptied', async () => {
    const memoryStack = createMemoryStack();
    const accepting = await startHttpCoordinator({ memoryStack, workers: 0 });
    onTestFinished(() => accepting.stop());
    const looked = memoryStack.queue.createdReads;
    await eventually(() => expect(memoryStack.queue.createdReads).toBeGreaterThan(looked));
    vi.spyOn(memoryStack.batches, 'readMany').mockResolvedValue([]); // the watcher has not got round to it
    const { tasks } = (await accepting.post({ text: 'mine' }, { prefer: 'respond-async' })).body as TaskList;
    const taskId = tasks[0]?.taskId ?? '';
    const status = async () => ((await accepting.call(`/tasks/${taskId}`)).body as { status: string }).status;
    const other = await startHttpCoordinator({ memoryStack, workers: 0 });
    await other.call(`/tasks/${taskId}`, { method: 'DELETE' });
    await other.stop();
    expect(await status()).toBe('cancelled');
    memoryStack.batches.items.clear();
    memoryStack.marker.id = undefined;
    await eventually(() => expect(memoryStack.batches.items.size).toBe(1));
    expect(await status()).toBe('cancelled');
  });
});

describe('a coordinator that starts while another has not put back what an emptied table held', () => {
  it('calls no task unknown', async () => {
    const memoryStack = createMemoryStack();
    const holder = await startHttpCoordinator({ memoryStack });
    onTestFinished(() => holder.stop());
    const looked = memoryStack.queue.createdReads;
    await eventually(() => expect(memoryStack.queue.createdReads).toBeGreaterThan(looked));
    const { taskId } = (await holder.post({ text: 'held' })).body as { readonly taskId: string };
    memoryStack.batches.failures.plan('create', 'effect-lost', 'effect-lost');
    memoryStack.batches.items.clear();
    memoryStack.marker.id = undefined;
    const late = await startHttpCoordinator({ memoryStack });
    onTestFinished(() => late.stop());
    const ask = async () => (await late.call(`/tasks/${taskId}`)).status;
    await eventually(() => expect(memoryStack.marker.id).toBeDefined());
    const seen: number[] = [];
    await eventually(async () => expect(seen.push(await ask()) && seen.at(-1)).toBe(200));
    expect(seen.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(seen).toContain(503);
  });
});

describe('a task that is cancelled while its client waits', () => {
  it('answers 200 to who cancels and 409 to who waits', async () => {
    const coordinator = await startHttpCoordinator({ workers: 0 });
    try {
      const waiting = coordinator.post({ text: 'never mind' });
      const { tasks } = await eventually(async () => {
        const page = (await coordinator.call('/tasks?status=queued')).body as TaskList;
        return page.tasks.length === 1 && page;
      });
      const cancelled = await coordinator.call(`/tasks/${tasks[0]?.taskId ?? ''}`, { method: 'DELETE' });
      expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', text: 'never mind' } });
      expect(await waiting).toMatchObject({ status: 409, body: { code: 'task_cancelled' } });
    } finally {
      await coordinator.stop();
    }
  });
});

describe('workers, stats and health', () => {
  let coordinator: HttpCoordinator;
  beforeAll(async () => {
    coordinator = await startHttpCoordinator({ script });
  });
  afterAll(() => coordinator.stop());

  it('lists the workers', async () => {
    const { status, body } = await coordinator.call('/workers');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      workers: ['worker-1', 'worker-2', 'worker-3'].map((id) => ({
        id,
        address: `http://${id}.test`,
        state: 'up',
        inFlight: 0,
        served: 0,
        failed: 0,
        p50Ms: 1,
        p95Ms: 2,
        faults: 'none',
        heartbeatAgeMs: expect.any(Number) as number,
      })),
    });
  });

  it('takes heartbeats with the token only, and only such as can be read', async () => {
    const beat = (token: string, body: unknown) =>
      coordinator.call('/workers/worker-9/heartbeat', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    expect((await beat('wrong', heartbeatOf('worker-9'))).status).toBe(401);
    expect((await beat(WORKER_TOKEN, { state: 'fine' })).status).toBe(400);
    expect((await beat(WORKER_TOKEN, heartbeatOf('worker-9'))).status).toBe(204);
    expect(coordinator.workers.records.has('worker-9')).toBe(true);
    const elsewhere = { ...heartbeatOf('worker-9'), address: 'http://elsewhere.test' };
    expect(await beat(WORKER_TOKEN, elsewhere)).toMatchObject({
      status: 409,
      body: { code: 'worker_id_taken' },
    });
    expect(coordinator.workers.records.get('worker-9')?.address).toBe('http://worker-9.test');
  });

  it('gives the statistics of the last minute', async () => {
    await coordinator.post({ texts: ['a', 'b', 'c'] });
    await eventually(async () => {
      const { body } = await coordinator.call('/stats');
      expect(body).toMatchObject({
        queue: { visible: 0, deadLetters: 0 },
        oldestQueuedMs: 0,
        outstandingTasks: 0,
        counts: { accepted: 3, succeeded: 3 },
        latency: { p50Ms: expect.any(Number) as number, p99Ms: expect.any(Number) as number },
        retries: 0,
      });
    });
  });

  it('is alive, and ready with a stack and a worker', async () => {
    expect((await coordinator.call('/healthz')).status).toBe(200);
    expect(await coordinator.call('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
    coordinator.queue.failures.plan('depth', 'effect-lost');
    expect(await coordinator.call('/readyz')).toMatchObject({ status: 503, body: { status: 'not ready' } });
  });

  it('is not ready while a call is refused, and says which', async () => {
    const call = { service: 'dynamodb', action: 'UpdateItem', resource: 'table/batches' };
    const refusal = { ...call, kind: 'access_denied', error: 'AccessDeniedException' } as const;
    coordinator.refusals.called('UpdateItem', 1, 'AccessDeniedException', call, refusal);
    const reasons = ['dynamodb:UpdateItem on table/batches: access is denied (AccessDeniedException)'];
    expect(await coordinator.call('/readyz')).toMatchObject({ status: 503, body: { reasons } });
    coordinator.refusals.called('UpdateItem', 1, undefined, call, undefined);
    expect((await coordinator.call('/readyz')).status).toBe(200);
  });

  it('waits for a stack that is frozen for three seconds, no more', async () => {
    const frozen = () => new Promise<never>(() => undefined);
    vi.spyOn(coordinator.queue, 'depth').mockImplementation(frozen);
    vi.spyOn(coordinator.workers, 'list').mockImplementation(frozen);
    onTestFinished(() => void vi.restoreAllMocks());
    const reason = 'reading the stack failed: no answer within 3 s';
    const startedAtMs = performance.now();
    const [ready, ...others] = await Promise.all(
      ['/readyz', '/stats', '/workers'].map((path) => coordinator.call(path)),
    );
    expect(performance.now() - startedAtMs).toBeLessThan(8000);
    expect(ready).toMatchObject({ status: 503, body: { status: 'not ready', reasons: [reason] } });
    for (const other of others)
      expect(other).toMatchObject({ status: 503, body: { code: 'stack_unavailable' } });
  });

  it('answers what it does not serve with 404', async () => {
    expect(await coordinator.call('/nowhere')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const got = await coordinator.call('/infer');
    expect(got).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(got.headers.get('allow')).toBe('POST');
  });
});

describe('limits and refusals', () => {
  let coordinator: HttpCoordinator | undefined;
  const start = async (setup: HttpSetup) => (coordinator = await startHttpCoordinator(setup));
  afterEach(() => coordinator?.stop());

  it('answers 429 with Retry-After over the bound', async () => {
    const { post } = await start({ workers: 0, maxOutstandingTasks: 3 });
    expect((await post({ texts: ['a', 'b', 'c'] }, { prefer: 'respond-async' })).status).toBe(202);
    const refused = await post({ text: 'd' });
    expect(refused).toMatchObject({ status: 429, body: { code: 'overloaded' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('answers 429 over the bound of bytes, and takes more once there is room', async () => {
    const {
      post,
      call,
      accept,
      cancel,
      coordinator: core,
    } = await start({
      workers: 0,
      maxOutstandingBytes: 100_000,
    });
    const [taskId = ''] = await accept({ text: '漢'.repeat(10_000) });
    expect(core.ledger.outstandingBytes).toBe(60_000);
    const refused = await post({ text: '字'.repeat(10_000) });
    expect(refused).toMatchObject({ status: 429, body: { code: 'overloaded' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call('/metrics')).body).toMatch(/^boomerang_outstanding_bytes 60000$/m);
    await eventually(async () => {
      const { body } = await call('/stats');
      return (body as { outstandingBytes: number }).outstandingBytes === 60_000;
    });
    await cancel(taskId);
    expect(core.ledger.outstandingBytes).toBe(0);
    expect((await post({ text: '字'.repeat(10_000) }, { prefer: 'respond-async' })).status).toBe(202);
  });

  it('answers 429 before it reads the body, but looks at a key', async () => {
    const { post } = await start({ workers: 0, maxOutstandingTasks: 1 });
    const key = { prefer: 'respond-async', 'idempotency-key': 'once' };
    expect((await post({ text: 'a' }, key)).status).toBe(202);
    expect((await post('no JSON')).status).toBe(429);
    expect((await post('no JSON', { 'idempotency-key': 'other' })).status).toBe(400);
    expect((await post({ text: 'a' }, key)).status).toBe(202);
    expect((await post({ text: 'b' }, { 'idempotency-key': 'another' })).status).toBe(429);
  });

  it('answers 503 with Retry-After while the queue or the store is away', async () => {
    const { post, queue } = await start({});
    queue.failures.plan('send', 'effect-lost');
    const refused = await post({ text: 'unlucky' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'stack_unavailable' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post({ text: 'lucky' })).status).toBe(200);
  });

  it('asks for the key where one is set, but not for health', async () => {
    const { post, call } = await start({ apiKey: 'open sesame' });
    const refused = await post({ text: 'let me in' });
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect((await post({ text: 'let me in' }, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await post({ text: 'let me in' }, { authorization: 'Bearer open sesame' })).status).toBe(200);
    for (const path of ['/tasks', '/workers', '/stats', '/tasks/x'])
      expect((await call(path)).status).toBe(401);
    for (const path of ['/healthz', '/readyz']) expect((await call(path)).status).toBe(200);
  });

  it('answers waiting clients with 202 and their ids when it stops, and takes no more', async () => {
    const { post, refusing, waitingOver } = await start({ workers: 0 });
    const waiting = post({ text: 'in the queue' });
    await eventually(() => coordinator?.coordinator.ledger.outstandingTasks === 1);
    refusing.abort();
    expect((await post({ text: 'too late' })).status).toBe(503);
    waitingOver.abort();
    expect(await waiting).toMatchObject({ status: 202, body: { tasks: [{ status: 'queued' }] } });
  });
});
