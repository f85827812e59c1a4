/** A coordinator that was paused past its lease, or heard no reply, changes nothing that is terminal and takes nothing from others. */
import { describe, expect, it } from 'vitest';
import { useCoordinators } from '../../support/coordinators.js';
import { eventually } from '../../support/eventually.js';
import { fail, FakeFunctions, gate, hang, type Script, succeedAll } from '../../support/fake-functions.js';
import { MemoryWorkerStore } from '../../support/memory-stack.js';
import {
  createMemoryStack,
  type RunningCoordinator,
  type MemoryStack,
} from '../../support/running-coordinator.js';
import { systemClock } from '../../support/run-coordinator.js';

const { start, forget } = useCoordinators();

const VISIBILITY_MS = 1000;
const SLOW = { visibilityTimeoutMs: VISIBILITY_MS, invokeTimeoutMs: 20_000, workerSlots: 1 };

/** Queue and store are shared; each coordinator has workers of its own. */
function sharing(memoryStack: MemoryStack, script: Script): MemoryStack {
  return { ...memoryStack, functions: new FakeFunctions(script), workers: new MemoryWorkerStore() };
}

/** Its one worker is busy, and its lease runs out: it looks to others as if it stood still. */
async function startZombie(script: Script, texts: string[] = ['brains']) {
  const memoryStack = sharing(createMemoryStack(VISIBILITY_MS), script);
  const zombie = await start({ memoryStack, workers: 1, options: SLOW });
  const taskIds = await zombie.accept({ texts });
  await eventually(() => zombie.functions.invokes.length === 1);
  zombie.queue.failures.plan('changeVisibility', ...Array.from({ length: 20 }, () => 'effect-lost' as const));
  return { zombie, taskIds, taskId: taskIds[0] ?? '' };
}

const startNext = (zombie: RunningCoordinator, script: Script) =>
  start({ memoryStack: sharing(zombie.memoryStack, script), workers: 1, options: SLOW });

const outcomes = (task: { readonly history: readonly { readonly outcome?: unknown }[] }) =>
  task.history.map(({ outcome }) => outcome);

const countOf = ({ statistics }: RunningCoordinator, name: string) =>
  statistics.rows.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);

describe('a coordinator that was paused past its lease', () => {
  it('changes no final state: its answer is counted and shown as late', async () => {
    const { release, script } = gate();
    const { zombie, taskId, taskIds } = await startZombie(script);
    const next = await startNext(zombie, succeedAll);
    await next.finished(taskIds);
    await eventually(() => zombie.stored(taskId).status === 'succeeded');
    const answered = zombie.stored(taskId);
    expect(outcomes(answered)).toEqual(['lost', 'succeeded']);
    release();
    await eventually(() => outcomes(zombie.stored(taskId))[0] === 'late');
    expect(zombie.stored(taskId)).toMatchObject({
      status: 'succeeded',
      workerId: answered.workerId,
      finishedAt: answered.finishedAt,
      timings: answered.timings,
      deliveries: 2,
    });
    await eventually(() => {
      const counts = ['late', 'deliveries.lost', 'succeeded'].map((name) => countOf(zombie, name));
      expect(counts).toEqual([1, 1, 1]);
    });
  });

  it('is heard where its answer comes first', async () => {
    const { release, script } = gate();
    const { zombie, taskIds, taskId } = await startZombie(script);
    const next = await startNext(zombie, (_invoke, _nth, invokeCall) => hang(invokeCall));
    await eventually(() => next.functions.invokes.length === 1);
    release();
    const [task] = await zombie.finished(taskIds);
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(outcomes(zombie.stored(taskId))[0]).toBe('succeeded');
  });

  it('touches no visibility and deletes nothing that is still open', async () => {
    const { release, script } = gate(() => fail());
    const { zombie, taskIds, taskId } = await startZombie(script);
    const others = gate();
    const next = await startNext(zombie, others.script);
    await eventually(() => next.functions.invokes.length === 1);
    zombie.queue.failures.clear('changeVisibility');
    const deleted: string[] = [];
    const remove = zombie.queue.deleteMany.bind(zombie.queue);
    zombie.queue.deleteMany = (handles) => {
      deleted.push(...handles);
      return remove(handles);
    };
    release();
    await eventually(() => outcomes(zombie.stored(taskId))[0] === 'failed');
    zombie.beating.clear(); // it takes nothing more
    await eventually(() => zombie.log.some(({ event }) => event === 'delivery.ended'));
    expect(deleted).toEqual([]);
    expect(zombie.queue.messages).toHaveLength(1);
    others.release();
    const [task] = await next.finished(taskIds);
    expect(task).toMatchObject({ status: 'succeeded' });
    const stale = zombie.queue.visibilityChanges.filter(({ handle }) => handle === 'm1#1');
    expect(stale).toEqual([]);
  });
});

describe('a message that is handed out twice under one receive count', () => {
  it('leaves two deliveries in the history, and the task names the one that answered it', async () => {
    const [first, second] = [gate(), gate()];
    const one = await start({ memoryStack: sharing(createMemoryStack(), first.script), workers: 1 });
    const taskIds = await one.accept({ texts: ['twins'] });
    await eventually(() => one.functions.invokes.length === 1);
    const [message] = one.queue.messages;
    if (message !== undefined) Object.assign(message, { receiveCount: 0, visibleAt: 0 });
    const other = await start({ memoryStack: sharing(one.memoryStack, second.script), workers: 1 });
    await eventually(() => other.functions.invokes.length === 1);
    first.release();
    const [answered] = await one.finished(taskIds);
    second.release();
    await eventually(() => other.log.some(({ event }) => event === 'delivery.ended'));
    const task = one.stored(taskIds[0] ?? '');
    expect(outcomes(task)).toEqual(['succeeded', 'late']);
    expect(task.history.map(({ number }) => number)).toEqual([1, 2]);
    expect(task).toMatchObject({ label: answered?.label, workerId: answered?.workerId, deliveries: 2 });
  });
});

describe('a long invoke', () => {
  it('keeps its message: the lease is extended as long as it runs', async () => {
    const { release, script } = gate();
    const coordinator = await start({ script, options: SLOW });
    const taskIds = await coordinator.accept({ texts: ['long'] });
    await eventually(() => coordinator.queue.visibilityChanges.length >= 5);
    release();
    const [task] = await coordinator.finished(taskIds);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
    expect(coordinator.queue.visibilityChanges.every(({ seconds }) => seconds === 1)).toBe(true);
    expect(coordinator.functions.invokes).toHaveLength(1);
  });
});

describe('a write that landed without its writer knowing', () => {
  it('is known again where it was sent twice: the task is told of once', async () => {
    const { classify, batches, log, statistics } = await start();
    const write = batches.replace.bind(batches);
    batches.replace = async (previous, next) => {
      batches.replace = write;
      await write(previous, next);
      return write(previous, next); // as the SDK does when the first reply is lost
    };
    const [task] = await classify(['echo']);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 1 });
    await eventually(() => statistics.rows.some(({ counts }) => counts['succeeded'] === 1));
    expect(log.filter(({ event }) => event === 'task.final')).toHaveLength(1);
    expect(log.filter(({ event }) => event === 'delivery.ended')).toHaveLength(1);
  });

  it('is known again by intake: what it finds there is its own', async () => {
    const { classify, batches } = await start();
    const create = batches.create.bind(batches);
    batches.create = async (batch) => {
      await create(batch);
      return create(batch);
    };
    const [task] = await classify(['twice']);
    expect(task?.status).toBe('succeeded');
    expect(batches.items.size).toBe(1);
  });

  it('is not taken for another batch that has the same id', async () => {
    const { accept, batches } = await start();
    const create = batches.create.bind(batches);
    batches.create = async (batch) => {
      const [input] = batch.inputs;
      if (input !== undefined) await create({ ...batch, inputs: [{ ...input, text: 'a stranger' }] });
      return create(batch);
    };
    await expect(accept({ text: 'mine' })).rejects.toThrow('taken');
  });

  it('leaves no message behind: what could not be deleted is found finished and deleted then', async () => {
    const { classify, queue, functions } = await start({ options: { visibilityTimeoutMs: VISIBILITY_MS } });
    queue.failures.plan('deleteMany', 'effect-lost');
    await classify(['still there']);
    await eventually(() => queue.messages.length === 0);
    expect(functions.invokes).toHaveLength(1);
  });
});

describe('lost deliveries', () => {
  it('count: after two of them tasks travel alone', async () => {
    const memoryStack = createMemoryStack();
    const first = await start({ memoryStack, workers: 0 });
    const taskIds = await first.accept({ texts: ['a', 'b', 'c'] });
    const [message] = memoryStack.queue.messages;
    if (message !== undefined) message.receiveCount = 2;
    const next = await start({ memoryStack });
    const tasks = await next.finished(taskIds);
    expect(tasks.map(outcomes)).toEqual(tasks.map(() => ['lost', 'lost', 'succeeded']));
    expect(next.functions.invokes.map(({ request }) => request.tasks.length)).toEqual([1, 1, 1]);
  });
});

describe('deadlines', () => {
  it('are counted from the first receive by a coordinator that never heard of the batch: clocks differ', async () => {
    const memoryStack = createMemoryStack();
    const first = await start({ memoryStack, workers: 0 });
    const taskIds = await first.accept({ texts: ['late', 'late too'], deadlineMs: 1500 });
    const deadline = systemClock.now() + 1500;
    await first.stop(0);
    forget(first);
    await eventually(() => systemClock.now() > deadline);
    expect(first.stored(taskIds[0] ?? '').status).toBe('queued');
    const next = await start({ memoryStack });
    const tasks = await next.finished(taskIds);
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    await eventually(() => memoryStack.queue.messages.length === 0);
  });
});
