import { describe, expect, it } from 'vitest';
import { useCoordinators } from '../support/coordinators.js';
import { eventually } from '../support/eventually.js';
import { fail, gate, hang, type Script, succeedAll } from '../support/fake-functions.js';
import { createMemoryStack, heartbeatOf } from '../support/running-coordinator.js';
import { messageOfBatch } from '../../coordinator/batch/batch-life.js';

const { start, forget } = useCoordinators();

describe('deadlines', () => {
  it('expire a task in flight, and its answer is only counted as late', async () => {
    const { release, script } = gate();
    const { accept, finished, stored, functions } = await start({
      script,
      options: { invokeTimeoutMs: 5000 },
    });
    const taskIds = await accept({ texts: ['quick'], deadlineMs: 600 });
    await eventually(() => functions.invokes.length === 1);
    const [task] = await finished(taskIds);
    expect(task?.status).toBe('expired');
    release();
    await eventually(() => stored(taskIds[0] ?? '').history[0]?.outcome === 'late');
    expect(stored(taskIds[0] ?? '').status).toBe('expired');
  });

  it('are checked at receive', async () => {
    const coordinator = await start({ workers: 0 });
    const taskIds = await coordinator.accept({ texts: ['early'], deadlineMs: 1 });
    const [task] = await coordinator.finished(taskIds);
    expect(task?.status).toBe('expired');
    expect(coordinator.functions.invokes).toEqual([]);
  });

  it('are each kept, however close they lie together, and through a store that does not answer', async () => {
    const coordinator = await start({ workers: 0 });
    coordinator.batches.failures.plan('replace', 'effect-lost', 'reply-lost');
    const requested = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        coordinator.accept({ texts: ['a', 'b'], deadlineMs: 20 + 3 * index }),
      ),
    );
    const tasks = await coordinator.finished(requested.flat());
    expect(tasks.every(({ status }) => status === 'expired')).toBe(true);
    expect(coordinator.coordinator.ledger.outstandingTasks).toBe(0);
  });

  it('travel to the function', async () => {
    const { classify, functions, accept, finished } = await start();
    await classify(['no deadline']);
    await finished(await accept({ texts: ['deadline'], deadlineMs: 60_000 }));
    const [without, with_] = functions.invokes.map(({ request }) => request.tasks[0]?.deadlineAt);
    expect(without).toBeUndefined();
    expect(Date.parse(with_ ?? '')).toBeGreaterThan(Date.now() + 50_000);
  });
});

describe('cancelling', () => {
  it('stops a queued task for good', async () => {
    const coordinator = await start({ workers: 0 });
    const taskIds = await coordinator.accept({ texts: ['stay', 'go'] });
    await coordinator.cancel(taskIds[1] ?? '');
    coordinator.beating.add('worker-1');
    const tasks = await coordinator.finished(taskIds);
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'cancelled']);
    expect(coordinator.functions.invokes[0]?.request.tasks.map(({ text }) => text)).toEqual(['stay']);
  });

  it('is refused for what is final or recorded as running', async () => {
    const { release, script } = gate();
    const coordinator = await start({ script, options: { invokeTimeoutMs: 5000 } });
    const taskIds = await coordinator.accept({ texts: ['busy'] });
    await eventually(() => coordinator.stored(taskIds[0] ?? '').status === 'running');
    await expect(coordinator.cancel(taskIds[0] ?? '')).rejects.toMatchObject({
      code: 'not_cancellable',
    });
    release();
    await coordinator.finished(taskIds);
    await expect(coordinator.cancel(taskIds[0] ?? '')).rejects.toMatchObject({
      code: 'not_cancellable',
    });
  });

  it('wins over an answer that is committed after it', async () => {
    const { release, script } = gate();
    const coordinator = await start({ script });
    const taskIds = await coordinator.accept({ texts: ['race'] });
    await eventually(() => coordinator.functions.invokes.length === 1);
    await coordinator.cancel(taskIds[0] ?? '');
    release();
    await eventually(() => coordinator.stored(taskIds[0] ?? '').history.length === 1);
    expect(coordinator.stored(taskIds[0] ?? '').status).toBe('cancelled');
  });
});

describe('idempotency', () => {
  it('gives the same tasks for the same key and body, while they run and afterwards', async () => {
    const { release, script } = gate();
    const { accept, finished, functions } = await start({ script });
    const first = await accept({ texts: ['once', 'twice'] }, 'key-1');
    expect(await accept({ texts: ['once', 'twice'] }, 'key-1')).toEqual(first);
    release();
    await finished(first);
    expect(await accept({ texts: ['once', 'twice'] }, 'key-1')).toEqual(first);
    expect(functions.invokes.flatMap(({ request }) => request.tasks)).toHaveLength(2);
  });

  it('refuses another body under the same key', async () => {
    const { accept } = await start();
    await accept({ text: 'this' }, 'key-2');
    for (const other of [{ text: 'that' }, { texts: ['this'] }, { text: 'this', deadlineMs: 5000 }]) {
      await expect(accept(other, 'key-2')).rejects.toMatchObject({ code: 'idempotency_conflict' });
    }
  });

  it('has one winner of many that come at once, and the losers cancel their own', async () => {
    const { accept, finished, batches, coordinator } = await start({ workers: 0 });
    const all = await Promise.all(Array.from({ length: 8 }, () => accept({ text: 'same' }, 'key-3')));
    expect(new Set(all.map((taskIds) => taskIds.join()))).toHaveProperty('size', 1);
    await eventually(() => coordinator.ledger.outstandingTasks === 1);
    const statuses = [...batches.items.values()].flatMap(({ tasks: slots }) =>
      slots.map(({ status }) => status),
    );
    expect(statuses.filter((status) => status === 'cancelled')).toHaveLength(statuses.length - 1);
    await coordinator.heartbeats.beat('worker-1', heartbeatOf('worker-1'));
    const [task] = await finished(all[0] ?? []);
    expect(task?.status).toBe('succeeded');
  });

  it('finds more batches again than can be read at once', async () => {
    const first = await start({
      options: { batch: { maxTasks: 1, maxBytes: 200_000, maxTokens: 100_000, windowMs: 2 } },
    });
    const request = { texts: Array.from({ length: 101 }, (_, index) => `text ${index}`) };
    const taskIds = await first.accept(request, 'many');
    const answers = await first.finished(taskIds);
    const second = await start({ memoryStack: first.memoryStack });
    expect(await second.finished(await second.accept(request, 'many'))).toEqual(answers);
  });

  it('waits for a task that another coordinator accepted', async () => {
    const memoryStack = createMemoryStack();
    const first = await start({ memoryStack, workers: 0 });
    const taskIds = await first.accept({ text: 'shared' }, 'key-4');
    const second = await start({ memoryStack });
    expect(await second.accept({ text: 'shared' }, 'key-4')).toEqual(taskIds);
    const [[mine], [theirs]] = await Promise.all([second.finished(taskIds), first.finished(taskIds)]);
    expect(mine).toMatchObject({ status: 'succeeded' });
    expect(theirs).toMatchObject({ status: 'succeeded', score: mine?.score });
  });
});

describe('dead letters', () => {
  it('fail their open tasks for good, with the last reason, and nothing else', async () => {
    const script: Script = (invoke) =>
      invoke.request.tasks.some(({ text }) => text === 'poison') ? fail() : succeedAll(invoke);
    const { classify, queue, stored, batches } = await start({
      script,
      memoryStack: createMemoryStack(2000, 3),
    });
    const tasks = await classify(['good', 'poison', 'fine']);
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'succeeded']);
    expect(tasks[1]?.error).toEqual({ code: 'http_500', message: 'planned' });
    expect(stored(tasks[1]?.taskId ?? '').history).toHaveLength(3);
    expect([...batches.items.values()][0]).toMatchObject({ deadLetteredAtMs: expect.any(Number) as number });
    await eventually(() => queue.messages.length === 0 && queue.deadLetters.messages.length === 0);
  });

  it('of a batch that is finished by then change nothing, and nobody is told', async () => {
    const { classify, queue, batches, log } = await start();
    const [task] = await classify(['answered']);
    const [batch] = [...batches.items.values()];
    if (batch === undefined) throw new Error('no batch');
    queue.deadLetters.put(JSON.stringify(messageOfBatch(batch)));
    await eventually(() => queue.deadLetters.messages.length === 0);
    expect(batches.items.get(batch.id)).toBe(batch);
    expect(task?.status).toBe('succeeded');
    expect(log.map(({ event }) => event)).not.toContain('batch.dead_lettered');
  });

  it('that cannot be settled do not hinder those after them', async () => {
    const { accept, finished, batches, queue, log } = await start({ workers: 0 });
    const taskIds = [...(await accept({ text: 'broken' })), ...(await accept({ text: 'whole' }))];
    const write = batches.replace.bind(batches);
    batches.replace = async (previous, next) => {
      if (next.inputs[0]?.text === 'broken') throw new Error('refused for good');
      return write(previous, next);
    };
    for (const batch of [...batches.items.values()]) {
      queue.deadLetters.put(JSON.stringify(messageOfBatch(batch)));
    }
    const [whole] = await finished(taskIds.slice(1));
    expect(whole?.status).toBe('failed');
    expect(log).toContainEqual({
      event: 'dead_letter.settle_failed',
      fields: { batchId: taskIds[0]?.slice(0, -2), error: 'refused for good' },
    });
  });

  it('are taken in again where the store did not answer', async () => {
    const { accept, finished, batches } = await start({
      script: () => fail(),
      memoryStack: createMemoryStack(1000, 1),
    });
    const taskIds = await accept({ texts: ['hopeless'] });
    await eventually(() => [...batches.items.values()].some(({ deliveryCount }) => deliveryCount === 1));
    batches.failures.plan('replace', 'effect-lost', 'reply-lost');
    const [task] = await finished(taskIds);
    expect(task?.status).toBe('failed');
  });
});

describe('admission', () => {
  it('says no over the bound, the same for one text and for many, and yes again later', async () => {
    const coordinator = await start({ workers: 0, maxOutstandingTasks: 10 });
    const taskIds = await coordinator.accept({
      texts: Array.from({ length: 10 }, (_, index) => `text ${index}`),
    });
    const one = await coordinator.accept({ text: 'more' }).catch((error: unknown) => error);
    const many = await coordinator.accept({ texts: ['more', 'and more'] }).catch((error: unknown) => error);
    expect(one).toMatchObject({ code: 'overloaded', details: { retryAfterSeconds: 5 } });
    expect(many).toMatchObject({ code: 'overloaded', details: { retryAfterSeconds: 5 } });
    coordinator.beating.add('worker-1');
    await coordinator.finished(taskIds);
    const again = await coordinator.classify(['now']);
    expect(again[0]?.status).toBe('succeeded');
  });
});

describe('intake', () => {
  it('answers with an error where the queue or the store does not take the batch', async () => {
    const { accept, queue, coordinator } = await start();
    queue.failures.plan('send', 'effect-lost');
    await expect(accept({ text: 'unsent' })).rejects.toMatchObject({ code: 'stack_unavailable' });
    await eventually(() => coordinator.ledger.outstandingTasks === 0);
  });

  it('never puts more into a batch than its bounds', async () => {
    const { classify, batches } = await start({
      options: { batch: { maxTasks: 32, maxBytes: 5000, maxTokens: 100_000, windowMs: 2 } },
    });
    const texts = Array.from({ length: 100 }, (_, index) => 'x'.repeat(index * 10 + 1));
    const tasks = await classify(texts);
    expect(tasks.map(({ text }) => text)).toEqual(texts);
    for (const { inputs } of batches.items.values()) {
      expect(inputs.length).toBeLessThanOrEqual(32);
      expect(inputs.length === 1 || JSON.stringify(inputs).length <= 5000 + inputs.length).toBe(true);
    }
  });
});

describe('stopping', () => {
  it('lets running deliveries end and leaves the rest to the queue', async () => {
    const { release, script } = gate();
    const coordinator = await start({ script, workers: 1, options: { workerSlots: 1 } });
    const taskIds = [...(await coordinator.accept({ texts: ['running'] }))];
    await eventually(() => coordinator.functions.invokes.length === 1);
    taskIds.push(...(await coordinator.accept({ texts: ['waiting'] })));
    const stopped = coordinator.stop(3000);
    release();
    await stopped;
    forget(coordinator);
    expect(taskIds.map((taskId) => coordinator.stored(taskId).status)).toEqual(['succeeded', 'queued']);
    expect(coordinator.queue.messages.filter(({ visibleAt }) => visibleAt <= performance.now())).toHaveLength(
      1,
    );
  });

  it('gives back at once what it cannot finish', async () => {
    const script: Script = (_invoke, _nth, invokeCall) => hang(invokeCall);
    const coordinator = await start({
      script,
      options: { invokeTimeoutMs: 60_000, visibilityTimeoutMs: 30_000 },
    });
    const [taskId = ''] = await coordinator.accept({ texts: ['stuck'] });
    await eventually(() => coordinator.functions.invokes.length === 1);
    await coordinator.stop(100);
    forget(coordinator);
    expect(coordinator.queue.visibilityChanges.map(({ seconds }) => seconds)).toEqual([0]);
    expect(coordinator.queue.messages.map(({ receiveCount }) => receiveCount)).toEqual([1]);
    expect(coordinator.stored(taskId)).toMatchObject({
      status: 'queued',
      history: [{ number: 1, workerId: expect.any(String) as string, outcome: 'released' }],
    });
  });

  it('gives back what it cannot finish although the store does not answer', async () => {
    const script: Script = (_invoke, _nth, invokeCall) => hang(invokeCall);
    const coordinator = await start({
      script,
      options: { invokeTimeoutMs: 60_000, visibilityTimeoutMs: 30_000 },
    });
    await coordinator.accept({ texts: ['stuck'] });
    await eventually(() => coordinator.functions.invokes.length === 1);
    coordinator.batches.replace = () => new Promise(() => undefined);
    await coordinator.stop(100);
    forget(coordinator);
    expect(coordinator.queue.visibilityChanges.map(({ seconds }) => seconds)).toEqual([0]);
  });

  it('leaves to the queue what the store does not take, and calls that no error', async () => {
    const coordinator = await start();
    coordinator.batches.failures.plan('replace', ...Array.from({ length: 50 }, () => 'effect-lost' as const));
    await coordinator.accept({ texts: ['unstored'] });
    await eventually(() => coordinator.log.some(({ event }) => event === 'store.unavailable'));
    await coordinator.stop(100);
    forget(coordinator);
    await eventually(() => coordinator.log.some(({ event }) => event === 'delivery.commit_failed'));
    expect(coordinator.log.map(({ event }) => event)).not.toContain('delivery.aborted');
  });
});

describe('a store that does not answer', () => {
  it('may be waited for by many deliveries without a warning of Node', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error) => void warnings.push(warning);
    process.on('warning', keep);
    try {
      const options = {
        batch: { maxTasks: 1, maxBytes: 200_000, maxTokens: 100_000, windowMs: 0 },
        workerSlots: 10,
      };
      const { accept, finished, batches, log } = await start({ workers: 2, options });
      batches.failures.plan('replace', ...Array.from({ length: 40 }, () => 'effect-lost' as const));
      const taskIds = await accept({ texts: Array.from({ length: 20 }, (_, index) => `text ${index}`) });
      await finished(taskIds);
      expect(log.map(({ event }) => event)).toContain('store.unavailable');
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', keep);
    }
  });
});
