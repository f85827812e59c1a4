import { describe, expect, it, vi } from 'vitest';
import { InvokeFailedError } from '../../../contracts/errors/errors.js';
import { useCoordinators } from '../../support/coordinators.js';
import {
  answer,
  fail,
  hang,
  refuse,
  scoreOf,
  success,
  succeedAll,
  type Script,
} from '../../support/fake-functions.js';
import { eventually } from '../../support/eventually.js';

const { start, forget } = useCoordinators();

describe('a delivery', () => {
  it('answers every task, stores the answers, and deletes the message', async () => {
    const { classify, stored, queue } = await start();
    const tasks = await classify(['one', 'two', 'three']);
    expect(tasks.map((task) => task.status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(tasks.map((task) => task.score)).toEqual(['one', 'two', 'three'].map(scoreOf));
    for (const task of tasks) expect(stored(task.taskId)).toEqual(task);
    await eventually(() => queue.messages.length === 0);
  });

  it('brings a failed batch back to another worker, and keeps the history', async () => {
    const { classify, functions } = await start({
      script: (invoke, nth) => (nth === 1 ? fail() : succeedAll(invoke)),
    });
    const [task] = await classify(['again']);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 2 });
    expect(task?.history.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'failed'],
      [2, 'succeeded'],
    ]);
    expect(functions.invokes[0]?.workerId).not.toBe(functions.invokes[1]?.workerId);
  });

  it('commits what was answered and only brings back the rest', async () => {
    const script: Script = (invoke, nth) =>
      nth > 1
        ? succeedAll(invoke)
        : answer(
            invoke.workerId,
            invoke.request.tasks.map(({ taskId, text }) =>
              text === 'bad'
                ? { taskId, status: 'failed', code: 'x', message: 'y', retryable: true }
                : success(taskId, text),
            ),
          );
    const { classify, functions } = await start({ script });
    const tasks = await classify(['good', 'bad', 'fine']);
    expect(tasks.map(({ deliveries }) => deliveries)).toEqual([1, 2, 1]);
    expect(functions.invokes[1]?.request.tasks.map(({ text }) => text)).toEqual(['bad']);
  });

  it('counts every injected fault that was announced, also where a delivery met several', async () => {
    const { classify, statistics } = await start({
      script: (invoke, nth, invokeCall) => {
        if (nth > 4) return succeedAll(invoke);
        invokeCall.onFault('error');
        return fail();
      },
    });
    const tasks = await classify(['one', 'two']); // after two failures they are invoked alone
    expect(tasks.map(({ deliveries }) => deliveries)).toEqual([4, 4]);
    await eventually(() => {
      const counted = statistics.rows.reduce((sum, { counts }) => sum + (counts['faults.error'] ?? 0), 0);
      expect(counted).toBe(4);
    });
  });

  it('blames no delay for what another fault did to the worker', async () => {
    const { classify, statistics } = await start({
      script: (invoke, nth, invokeCall) => {
        invokeCall.onFault('delay');
        if (nth > 1) return succeedAll(invoke);
        throw new InvokeFailedError('connection_lost', 'the process died of its neighbor');
      },
    });
    const [task] = await classify(['beside a crash']);
    expect(task?.history.map(({ outcome, fault }) => [outcome, fault])).toEqual([
      ['failed', undefined],
      ['succeeded', 'delay'],
    ]);
    await eventually(() => {
      const rows = statistics.rows;
      expect(rows.reduce((sum, { counts }) => sum + (counts['faults.delay'] ?? 0), 0)).toBe(2);
      const failed = rows.flatMap(({ events }) => events).find(({ name }) => name === 'delivery.failed');
      expect(failed?.fields).not.toHaveProperty('fault');
    });
  });

  it('names in its event only what was injected into invokes that failed', async () => {
    const { classify, statistics } = await start({
      script: (invoke, nth, invokeCall) => {
        if (nth <= 2) return fail(); // then they are invoked alone
        const isBad = invoke.request.tasks.some(({ text }) => text === 'bad');
        invokeCall.onFault(isBad && nth < 5 ? 'error' : 'delay');
        return isBad && nth < 5 ? fail() : succeedAll(invoke);
      },
    });
    await classify(['good', 'bad']);
    await eventually(() => {
      const failed = statistics.rows
        .flatMap(({ events }) => events)
        .filter(({ name, fields }) => name === 'delivery.failed' && fields['delivery'] === 3);
      expect(failed.map(({ fields }) => fields['fault'])).toEqual(['error']);
    });
  });

  it('makes a failure that cannot be retried final at once', async () => {
    const script: Script = ({ workerId, request }) =>
      answer(
        workerId,
        request.tasks.map(({ taskId }) => ({
          taskId,
          status: 'failed',
          code: 'no_way',
          message: 'never',
          retryable: false,
        })),
      );
    const { classify } = await start({ script });
    const [task] = await classify(['hopeless']);
    expect(task).toMatchObject({
      status: 'failed',
      deliveries: 1,
      error: { code: 'no_way', message: 'never' },
    });
  });

  it('treats a task that the worker said nothing of as failed', async () => {
    const { classify } = await start({
      script: (invoke, nth) => (nth === 1 ? answer(invoke.workerId, []) : succeedAll(invoke)),
    });
    const [task] = await classify(['forgotten']);
    expect(task?.history[0]).toMatchObject({ outcome: 'failed' });
    expect(task?.status).toBe('succeeded');
  });

  it('invokes tasks alone after two failed deliveries, so that a poisonous one fails alone', async () => {
    const script: Script = (invoke) =>
      invoke.request.tasks.some(({ text }) => text === 'poison') ? fail() : succeedAll(invoke);
    const texts = ['a', 'b', 'poison', 'c', 'd', 'e'];
    const { accept, finished, functions, stored } = await start({ script });
    const taskIds = await accept({ texts });
    const innocent = taskIds.filter((_, index) => texts[index] !== 'poison');
    const tasks = await finished(innocent);
    expect(tasks.every((task) => task.status === 'succeeded' && task.deliveries === 3)).toBe(true);
    const alone = functions.invokes.filter(({ request }) => request.delivery === 3);
    expect(alone.every(({ request }) => request.tasks.length === 1)).toBe(true);
    await eventually(() => stored(taskIds[2] ?? '').deliveries >= 4);
    expect(stored(taskIds[2] ?? '').status).not.toBe('succeeded');
  });

  it('never has two of a batch at one worker while invoking alone', async () => {
    const perWorker = new Map<string, number>();
    let most = 0;
    const script: Script = async (invoke) => {
      if (invoke.request.delivery < 3) return fail();
      perWorker.set(invoke.workerId, (perWorker.get(invoke.workerId) ?? 0) + 1);
      most = Math.max(most, perWorker.get(invoke.workerId) ?? 0);
      await new Promise((resolve) => setImmediate(resolve));
      perWorker.set(invoke.workerId, (perWorker.get(invoke.workerId) ?? 0) - 1);
      return succeedAll(invoke);
    };
    const { classify } = await start({ script });
    const tasks = await classify(Array.from({ length: 12 }, (_, index) => `text ${index}`));
    expect(tasks.every((task) => task.status === 'succeeded')).toBe(true);
    expect(most).toBe(1);
  });

  it('takes a refused connection for no failed delivery', async () => {
    const { classify, coordinator, functions } = await start({
      script: (invoke) => (invoke.workerId === 'worker-1' ? refuse() : succeedAll(invoke)),
    });
    for (let round = 0; round < 6; round += 1) {
      const [task] = await classify([`round ${round}`]);
      expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
    }
    const refused = functions.invokes.filter(({ workerId }) => workerId === 'worker-1');
    expect(refused).toHaveLength(1);
    expect(coordinator.registry.all().find(({ id }) => id === 'worker-1')?.state).toBe('suspect');
    functions.healthy.add('worker-1');
    await eventually(() => coordinator.registry.all().every(({ state }) => state === 'up'));
  });

  it('keeps a message while workers come back: giving it back would use up its receives', async () => {
    const { accept, finished, functions, queue, coordinator } = await start({ script: () => refuse() });
    const taskIds = await accept({ texts: ['patience'] });
    await eventually(() => coordinator.registry.upCount() === 0);
    functions.script = succeedAll;
    for (const id of ['worker-1', 'worker-2', 'worker-3']) functions.healthy.add(id);
    const [task] = await finished(taskIds);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
    expect(queue.received.reduce((sum, { brought }) => sum + brought, 0)).toBe(1);
  });

  it('receives nothing while no worker is up, and goes on when one is', async () => {
    const { accept, finished, queue, beating } = await start({ workers: 0 });
    const taskIds = await accept({ texts: ['patience'] });
    await eventually(() => queue.messages.length === 1);
    expect(queue.received).toEqual([]);
    beating.add('worker-1');
    const [task] = await finished(taskIds);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
  });

  it('frees the slot of a hung invoke in time and commits an answer that still comes, as late', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const script: Script = async (invoke, nth) => {
      if (nth === 1) await released;
      return succeedAll(invoke);
    };
    const { classify, stored, coordinator } = await start({ script, options: { invokeTimeoutMs: 50 } });
    const [task] = await classify(['slow']);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 2 });
    expect(task?.history[0]).toMatchObject({ outcome: 'failed', error: { code: 'invoke_timeout' } });
    expect(coordinator.registry.freeSlots()).toBe(6);
    release();
    await eventually(() => stored(task?.taskId ?? '').history[0]?.outcome === 'late');
    expect(stored(task?.taskId ?? '')).toMatchObject({ status: 'succeeded', workerId: task?.workerId });
  });

  it('lets a late answer win where it is the first', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const script: Script = async (invoke, nth, invokeCall) => {
      if (nth > 1) return hang(invokeCall);
      await released;
      return succeedAll(invoke);
    };
    const { accept, finished, functions } = await start({ script, options: { invokeTimeoutMs: 50 } });
    const taskIds = await accept({ texts: ['zombie'] });
    await eventually(() => functions.invokes.length >= 2);
    release();
    const [task] = await finished(taskIds);
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(task?.history[0]).toMatchObject({ outcome: 'succeeded' });
  });

  it('shows a long delivery while it runs', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const script: Script = async (invoke) => {
      await released;
      return succeedAll(invoke);
    };
    const { accept, finished, stored } = await start({ script, options: { invokeTimeoutMs: 5000 } });
    const taskIds = await accept({ texts: ['long'] });
    const id = taskIds[0] ?? '';
    await eventually(() => stored(id).status === 'running');
    expect(stored(id).history[0]?.endedAt).toBeUndefined();
    release();
    const [task] = await finished(taskIds);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
  });

  it('enters what left no record as lost', async () => {
    const first = await start({
      script: (_invoke, _nth, invokeCall) => hang(invokeCall),
      options: { visibilityTimeoutMs: 1000 },
    });
    const taskIds = await first.accept({ texts: ['orphan'] });
    await eventually(() => first.functions.invokes.length === 1);
    first.batches.failures.plan('replace', ...Array.from({ length: 1000 }, () => 'effect-lost' as const));
    first.batches.failures.plan('recordStart', 'effect-lost');
    await first.stop(0);
    first.batches.failures.clear('replace');
    forget(first);

    const second = await start({
      script: succeedAll,
      memoryStack: first.memoryStack,
      options: { visibilityTimeoutMs: 1000 },
    });
    const [task] = await second.finished(taskIds);
    expect(task?.history.map(({ outcome }) => outcome)).toEqual(['lost', 'succeeded']);
    expect(second.stored(taskIds[0] ?? '')).toEqual(task);
  });

  it('finds again a write whose reply was lost', async () => {
    const { classify, batches, stored } = await start();
    batches.failures.plan('replace', 'reply-lost');
    const [task] = await classify(['echo']);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
    expect(stored(task?.taskId ?? '').history.map(({ outcome }) => outcome)).toEqual(['succeeded']);
  });

  it('waits out a store that does not answer, without failing the delivery', async () => {
    const { classify, batches, functions } = await start();
    batches.failures.plan('replace', 'effect-lost', 'effect-lost', 'reply-lost');
    const [task] = await classify(['patient']);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
    expect(functions.invokes).toHaveLength(1);
  });

  it('never asks for more messages than slots are free', async () => {
    const { classify, functions, queue } = await start({ workers: 2, options: { workerSlots: 1 } });
    await Promise.all(Array.from({ length: 40 }, (_, index) => classify([`text ${index}`])));
    expect(Math.max(...functions.most.values())).toBe(1);
    expect(Math.max(...queue.received.map(({ max }) => max))).toBeLessThanOrEqual(2);
    expect(queue.messages.every(({ receiveCount }) => receiveCount <= 1)).toBe(true);
  });

  it('does not let one slow worker hold up the others', async () => {
    const script: Script = (invoke, _nth, invokeCall) =>
      invoke.workerId === 'worker-1' ? hang(invokeCall) : succeedAll(invoke);
    const { accept, finished, functions } = await start({
      script,
      options: { invokeTimeoutMs: 4000, visibilityTimeoutMs: 9000 },
    });
    const taskIds: string[] = [];
    for (let index = 0; index < 30; index += 1) taskIds.push(...(await accept({ texts: [`text ${index}`] })));
    const stuck = () =>
      functions.invokes
        .filter(({ workerId }) => workerId === 'worker-1')
        .flatMap(({ request }) => request.tasks);
    await eventually(() => functions.invokes.length >= 6);
    const free = taskIds.filter((taskId) => !stuck().some((task) => task.taskId === taskId));
    const tasks = await finished(free, 3000);
    expect(tasks.every((task) => task.status === 'succeeded')).toBe(true);
  });

  it('leaves the visibility timeout alone with REDELIVERY=timeout', async () => {
    const { classify, queue } = await start({
      script: (invoke, nth) => (nth === 1 ? fail() : succeedAll(invoke)),
      options: { redelivery: 'timeout', visibilityTimeoutMs: 1000 },
    });
    const startedAt = performance.now();
    const [task] = await classify(['later']);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 2 });
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(queue.visibilityChanges).toEqual([]);
  });

  it('takes the first outcome of each task that was asked for, and counts whatever else comes', async () => {
    const { classify, coordinator } = await start({
      script: (invoke) => {
        const answer = succeedAll(invoke);
        const [first] = answer.outcomes;
        if (first?.status !== 'succeeded') throw new Error('there is no outcome');
        const foreign = { ...first, taskId: '01890000-0000-7000-8000-000000000001-0' };
        return {
          ...answer,
          outcomes: [...answer.outcomes, { ...first, label: 'TWICE' }, foreign, { ...first, taskId: 'x' }],
        };
      },
    });
    const count = vi.spyOn(coordinator.stats, 'count');
    const [task] = await classify(['once']);
    expect(task?.status).toBe('succeeded');
    expect(task?.label).not.toBe('TWICE');
    expect(count).toHaveBeenCalledWith('unexpectedOutcomes', 3);
  });

  it('leaves a message alone that it cannot read', async () => {
    const { queue, classify, log } = await start();
    queue.put('{"not":"ours"}');
    queue.put('no json');
    await classify(['fine']);
    await eventually(() => log.filter(({ event }) => event === 'message.unreadable').length >= 2);
    expect(queue.messages.length).toBeGreaterThanOrEqual(2);
  });

  it('creates the item where the message came before it', async () => {
    const { accept, finished, batches } = await start();
    batches.failures.plan('create', 'effect-lost');
    await expect(accept({ texts: ['half'] })).rejects.toMatchObject({ code: 'stack_unavailable' });
    await eventually(() =>
      [...batches.items.values()].some(({ tasks: slots }) => slots[0]?.status === 'succeeded'),
    );
    const [again] = await finished(await accept({ texts: ['whole'] }));
    expect(again?.status).toBe('succeeded');
  });
});
