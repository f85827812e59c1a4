/** Tasks that fell out of the queue or the tables come back. */
import { describe, expect, it, vi } from 'vitest';
import { batchOf } from '../../../coordinator/batch/batch-life.js';
import type { BatchMessage } from '../../../contracts/batch/message.js';
import { parseTaskId, type TaskId } from '../../../contracts/batch/ids.js';
import { useCoordinators } from '../../support/coordinators.js';
import { eventually } from '../../support/eventually.js';
import { gate, scoreOf, succeedAll } from '../../support/fake-functions.js';
import { createMemoryStack, type RunningCoordinator } from '../../support/running-coordinator.js';

const { start, forget } = useCoordinators();
const VISIBILITY_MS = 600;
const options = { visibilityTimeoutMs: VISIBILITY_MS };

const batchIdOf = (taskId: TaskId | undefined) => parseTaskId(taskId ?? '')?.batchId ?? '';
const counted = ({ log }: RunningCoordinator, event: string) => log.filter((line) => line.event === event);
const empty = ({ batches, keys, marker }: RunningCoordinator['memoryStack']) => {
  batches.items.clear();
  keys.records.clear();
  marker.id = undefined;
};
/** A batch that was stored long ago by a coordinator that has died since. */
function leftBehind(deadlineMs?: number): BatchMessage {
  const createdAtMs = Date.now() - 3 * VISIBILITY_MS;
  const deadline = deadlineMs === undefined ? {} : { deadlineAtMs: createdAtMs + deadlineMs };
  return {
    version: 1,
    batchId: '01890000-0000-7000-8000-000000000001',
    batchNumber: 7,
    coordinatorId: 'dead',
    createdAtMs,
    send: 1,
    inputs: [{ text: 'left behind', requestId: 'r', acceptedAtMs: createdAtMs, ...deadline }],
  };
}
/** Until marker and queue have been seen as they are now. */
const watching = async ({ queue }: RunningCoordinator) => {
  const before = queue.createdReads;
  await eventually(() => queue.createdReads > before);
};
describe('a queue that lost its messages', () => {
  it('gets every unfinished batch again, though nothing shows the loss', async () => {
    const coordinator = await start({ workers: 0, options });
    const taskIds = await coordinator.accept({ texts: ['one', 'two'] });
    coordinator.queue.messages = [];
    coordinator.beating.add('worker-1');
    const tasks = await coordinator.finished(taskIds);
    expect(tasks.map(({ status, score }) => ({ status, score }))).toEqual([
      { status: 'succeeded', score: scoreOf('one') },
      { status: 'succeeded', score: scoreOf('two') },
    ]);
    expect(tasks[0]?.history.map(({ cause }) => cause)).toEqual(['resent']);
    expect(counted(coordinator, 'batch.resent').map(({ fields }) => fields['reason'])).toEqual([
      'presumed_lost',
    ]);
  });

  it('gets them at once where it was made anew', async () => {
    const coordinator = await start({ workers: 0, options: { visibilityTimeoutMs: 20_000 } });
    const taskIds = await coordinator.accept({ text: 'one' });
    await watching(coordinator);
    coordinator.queue.recreate();
    coordinator.beating.add('worker-1');
    const [task] = await coordinator.finished(taskIds, 5000);
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(counted(coordinator, 'batch.resent').map(({ fields }) => fields['reason'])).toEqual([
      'queue_emptied',
    ]);
  });

  it('is found out by later messages, for a batch whose coordinator died before it sent', async () => {
    const coordinator = await start({ options });
    const message = leftBehind();
    await coordinator.batches.create(batchOf(message, VISIBILITY_MS));
    await coordinator.classify(['later']);
    await eventually(() =>
      expect(coordinator.batches.items.get(message.batchId)?.tasks[0]).toMatchObject({
        status: 'succeeded',
        score: scoreOf('left behind'),
      }),
    );
    expect(coordinator.batches.items.get(message.batchId)?.sends).toBe(2);
  });

  it('does not get what only waits for its turn', async () => {
    const coordinator = await start({ workers: 0, options });
    await coordinator.accept({ texts: Array.from({ length: 256 }, (_, index) => `text ${index}`) });
    const due = () => coordinator.batches.listOpen(100).then(({ entries }) => entries[0]?.atMs ?? Infinity);
    await eventually(async () => expect(await due()).toBeLessThan(Date.now()));
    const before = coordinator.queue.depthReads;
    await eventually(() => coordinator.queue.depthReads > before + 2);
    expect(counted(coordinator, 'batch.resent')).toEqual([]);
  });

  it('does not get what a worker is still at, however long that takes', async () => {
    const { script, release } = gate();
    const { accept, finished, batches } = await start({
      script,
      options: { ...options, invokeTimeoutMs: 9000 },
    });
    const startedAtMs = Date.now();
    const taskIds = await accept({ text: 'long' });
    const dueAtMs = () => batches.items.get(batchIdOf(taskIds[0]))?.dueAtMs ?? 0;
    await eventually(() => expect(dueAtMs()).toBeGreaterThan(startedAtMs + 1000 + 4 * VISIBILITY_MS));
    release();
    expect(await finished(taskIds)).toMatchObject([{ status: 'succeeded', deliveries: 1 }]);
  });

  it('gets a batch once, though two coordinators look after it', async () => {
    const memoryStack = createMemoryStack(VISIBILITY_MS);
    const first = await start({ workers: 0, options, memoryStack });
    const second = await start({ workers: 0, options, memoryStack });
    const taskIds = await first.accept({ text: 'one' });
    memoryStack.queue.messages = [];
    await eventually(() =>
      expect(counted(first, 'batch.resent').length + counted(second, 'batch.resent').length).toBe(1),
    );
    expect(memoryStack.batches.items.get(batchIdOf(taskIds[0]))?.sends).toBe(2);
    expect(memoryStack.queue.messages).toHaveLength(1);
  });

  it('gets no batch whose tasks are all past their deadlines: they expire, though nobody is left to see to it', async () => {
    const coordinator = await start({ workers: 0, options });
    const message = leftBehind(VISIBILITY_MS);
    await coordinator.batches.create(batchOf(message, VISIBILITY_MS));
    await eventually(() => coordinator.batches.items.get(message.batchId)?.tasks[0]?.status === 'expired');
    expect(counted(coordinator, 'batch.resent')).toEqual([]);
    expect(coordinator.queue.messages).toEqual([]);
  });
});

describe('a queue of which nothing comes out', () => {
  it('keeps no task past its deadline, though who accepted it has died', async () => {
    const coordinator = await start({ workers: 0, options });
    const taskIds = await coordinator.accept({ texts: ['one', 'two'] });
    const overdue = leftBehind(2 * VISIBILITY_MS);
    const from = performance.now();
    await coordinator.batches.create(batchOf(overdue, VISIBILITY_MS));
    await coordinator.queue.send(overdue);
    await eventually(() => coordinator.batches.items.get(overdue.batchId)?.tasks[0]?.status === 'expired');
    expect(performance.now() - from).toBeGreaterThanOrEqual(2 * VISIBILITY_MS);
    for (const taskId of taskIds) expect(coordinator.stored(taskId)).toMatchObject({ status: 'queued' });
    expect(counted(coordinator, 'batch.resent')).toEqual([]);
  });
});

describe('tables that were emptied', () => {
  it('get back what is finished and what is not, and the keys', async () => {
    const { script, release } = gate();
    const coordinator = await start({ options });
    await watching(coordinator);
    const done = await coordinator.accept({ text: 'done' }, 'key of done');
    await coordinator.finished(done);
    coordinator.functions.script = script;
    const running = await coordinator.accept({ texts: ['running', 'too'] });
    empty(coordinator.memoryStack);
    await eventually(() => expect(coordinator.batches.items.size).toBe(2));
    await eventually(() => expect(coordinator.keys.records.get('key of done')?.taskIds).toEqual(done));
    expect(coordinator.stored(done[0] ?? '')).toMatchObject({ status: 'succeeded', score: scoreOf('done') });
    release();
    const tasks = await coordinator.finished(running);
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(await coordinator.accept({ text: 'done' }, 'key of done')).toEqual(done);
  });

  it('get back what was accepted by a coordinator that is gone, finished or not, from the one after it', async () => {
    const first = await start({ options: { visibilityTimeoutMs: 20_000 } });
    const done = await first.accept({ text: 'done' }, 'key of done');
    await first.finished(done);
    first.functions.script = gate().script;
    const open = await first.accept({ text: 'open' });
    await first.stop(0);
    forget(first);
    const next = await start({
      workers: 0,
      options: { visibilityTimeoutMs: 20_000 },
      memoryStack: first.memoryStack,
    });
    await eventually(() =>
      expect(counted(next, 'stack.preloaded')).toMatchObject([{ fields: { batches: 2 } }]),
    );
    empty(next.memoryStack);
    next.queue.recreate();
    await eventually(() => expect(next.batches.items.size).toBe(2));
    expect(next.stored(done[0] ?? '')).toMatchObject({ status: 'succeeded', score: scoreOf('done') });
    await eventually(() => expect(next.keys.records.get('key of done')?.taskIds).toEqual(done));
    expect(await next.accept({ text: 'done' }, 'key of done')).toEqual(done);
    next.functions.script = succeedAll;
    next.beating.add('worker-1');
    expect(await next.finished(open, 5000)).toMatchObject([{ status: 'succeeded', score: scoreOf('open') }]);
  });

  it('get back, and its message again, what clients wait for before all that is finished', async () => {
    const coordinator = await start({ workers: 0, options: { visibilityTimeoutMs: 20_000 } });
    await watching(coordinator);
    for (const text of ['one', 'two', 'three']) {
      const [done = ''] = await coordinator.accept({ text });
      await coordinator.cancel(done);
    }
    const [waitedFor] = await coordinator.accept({ text: 'waited for' });
    const { queue, batches } = coordinator.memoryStack;
    const thereAtSend: (readonly string[])[] = [];
    const send = queue.send.bind(queue);
    vi.spyOn(queue, 'send').mockImplementation((...message) => {
      thereAtSend.push([...batches.items.keys()]);
      return send(...message);
    });
    empty(coordinator.memoryStack);
    queue.recreate();
    await eventually(() => expect(batches.items.size).toBe(4));
    expect(thereAtSend).toEqual([[batchIdOf(waitedFor)]]);
  });

  it('have their queue brought in line first: an init hook that was quick knows no settings', async () => {
    const done: string[] = [];
    const resources = { ensure: () => Promise.resolve(void done.push('in line')) };
    const memoryStack = { ...createMemoryStack(20_000), resources };
    const coordinator = await start({ memoryStack, workers: 0, options: { visibilityTimeoutMs: 20_000 } });
    await watching(coordinator);
    await coordinator.accept({ text: 'waits' });
    const send = memoryStack.queue.send.bind(memoryStack.queue);
    vi.spyOn(memoryStack.queue, 'send').mockImplementation((...message) => {
      done.push('sent');
      return send(...message);
    });
    empty(memoryStack);
    memoryStack.queue.recreate();
    await eventually(() => expect(done).toContain('sent'));
    expect(done).toEqual(['in line', 'sent']);
  });

  it('keep a repeated request from making its tasks twice, even before they are put back', async () => {
    const coordinator = await start({ options });
    await watching(coordinator);
    const first = await coordinator.accept({ text: 'once' }, 'key');
    await coordinator.finished(first);
    empty(coordinator.memoryStack);
    expect(await coordinator.accept({ text: 'once' }, 'key')).toEqual(first);
  });

  it('do not make a final state open again that another delivery finds', async () => {
    const coordinator = await start({ options });
    await watching(coordinator);
    const taskIds = await coordinator.accept({ text: 'answered' });
    const body = await eventually(() => {
      const [message] = coordinator.queue.messages;
      expect(message).toBeDefined();
      return message?.body ?? '';
    });
    await coordinator.finished(taskIds);
    empty(coordinator.memoryStack);
    coordinator.queue.put(body);
    await eventually(() => expect(coordinator.queue.messages).toEqual([]));
    expect(coordinator.functions.invokes.length).toBe(1);
  });
});

describe('a batch whose tasks are all cancelled', () => {
  it('does not run when its message comes', async () => {
    const coordinator = await start({ workers: 0, options });
    const taskIds = await coordinator.accept({ text: 'never mind' });
    await coordinator.cancel(taskIds[0] ?? '');
    coordinator.beating.add('worker-1');
    await eventually(() => expect(coordinator.queue.messages).toEqual([]));
    expect(coordinator.functions.invokes).toEqual([]);
  });
});
