/** Faults that were once found by trying to make recovery fail. */
import { describe, expect, it } from 'vitest';
import { waitForTasks } from '../../../coordinator/tasks/wait-for-tasks.js';
import { parseTaskId, type TaskId } from '../../../contracts/batch/ids.js';
import { createSystemClock } from '../../../infra/process/system-clock.js';
import { useCoordinators } from '../../support/coordinators.js';
import { eventually } from '../../support/eventually.js';
import { FakeFunctions, fail } from '../../support/fake-functions.js';
import { MemoryWorkerStore } from '../../support/memory-stack.js';
import {
  createMemoryStack,
  type RunningCoordinator,
  type MemoryStack,
} from '../../support/running-coordinator.js';

const { start, forget } = useCoordinators();
const VISIBILITY_MS = 600;
const options = { visibilityTimeoutMs: VISIBILITY_MS };
const patient = { visibilityTimeoutMs: 20_000 };

const batchIdOf = (taskId: TaskId | undefined) => parseTaskId(taskId ?? '')?.batchId ?? '';
const counted = ({ log }: RunningCoordinator, event: string) => log.filter((line) => line.event === event);
const often = (times: number) => Array.from({ length: times }, () => 'effect-lost' as const);
const empty = ({ batches, keys, marker }: MemoryStack) => {
  batches.items.clear();
  keys.records.clear();
  marker.id = undefined;
};
const watching = async ({ queue }: RunningCoordinator) => {
  const before = queue.createdReads;
  await eventually(() => queue.createdReads > before);
};

describe('a batch that was finished at an earlier revision, in a table that was emptied', () => {
  it('is final for the coordinator that holds it, too', async () => {
    const memoryStack = createMemoryStack(VISIBILITY_MS, 100);
    const own = (functions: FakeFunctions) => ({
      ...memoryStack,
      functions,
      workers: new MemoryWorkerStore(),
    });
    const holder = await start({ memoryStack: own(new FakeFunctions(fail)), workers: 1, options });
    await watching(holder);
    const taskIds = await holder.accept({ text: 'one' });
    const id = batchIdOf(taskIds[0]);
    await eventually(() => (holder.coordinator.ledger.get(id)?.rev ?? 0) > 3);
    holder.beating.clear();
    holder.coordinator.registry.recordRefusedConnection('worker-1');
    await eventually(() => holder.coordinator.registry.all().every(({ busySlots }) => busySlots === 0));
    empty(memoryStack);
    const other = await start({ memoryStack: own(new FakeFunctions()), workers: 1, options });
    await eventually(() => memoryStack.batches.items.get(id)?.tasks[0]?.status === 'succeeded');
    const [seen] = await holder.finished(taskIds, 5000);
    expect(seen?.status).toBe('succeeded');
    expect(holder.coordinator.ledger.outstandingTasks).toBe(0);
    // The holder believed in revisions that went with the table; what counts after that is checked above.
    for (const coordinator of [holder, other]) {
      forget(coordinator);
      await coordinator.stop();
    }
  });
});

describe('an expiry that the store does not take', () => {
  it('is tried again after a pause', async () => {
    const coordinator = await start({ workers: 0 });
    coordinator.batches.failures.plan('replace', ...often(2));
    const startedAtMs = performance.now();
    const [task] = await coordinator.finished(await coordinator.accept({ text: 'one', deadlineMs: 100 }));
    expect(task?.status).toBe('expired');
    expect(performance.now() - startedAtMs).toBeGreaterThan(2000);
    expect(counted(coordinator, 'task.expire_failed')).toHaveLength(2);
  });
});

describe('who waits for several batches', () => {
  it('learns of one that became final while another was read', async () => {
    const memoryStack = createMemoryStack(2000);
    const other = await start({ memoryStack, workers: 0 });
    const [unheld = ''] = await other.accept({ text: 'unheld' });
    const coordinator = await start({ memoryStack, workers: 0 });
    const [held = ''] = await coordinator.accept({ text: 'held' });
    const clock = createSystemClock();
    const readMany = memoryStack.batches.readMany.bind(memoryStack.batches);
    const slow = {
      clock,
      ledger: coordinator.coordinator.ledger,
      batches: Object.assign(Object.create(memoryStack.batches) as typeof memoryStack.batches, {
        readMany: async (ids: string[]) => {
          await coordinator.cancel(held);
          return readMany(ids);
        },
      }),
    };
    const startedAtMs = clock.monotonic();
    const waiting = waitForTasks(slow, [held, unheld], 6000, new AbortController().signal);
    await eventually(() => coordinator.stored(held).status === 'cancelled');
    await other.cancel(unheld);
    const known = await waiting;
    expect([...known.values()].map(({ tasks: slots }) => slots[0]?.status)).toEqual([
      'cancelled',
      'cancelled',
    ]);
    expect(clock.monotonic() - startedAtMs).toBeLessThan(5000);
  });
});

describe('putting back', () => {
  it('does no step again that worked', async () => {
    const coordinator = await start({ workers: 0, options: patient });
    await watching(coordinator);
    await coordinator.accept({ text: 'one' }, 'key');
    await coordinator.accept({ text: 'two' });
    coordinator.keys.failures.plan('create', ...often(3));
    empty(coordinator.memoryStack);
    await eventually(() => coordinator.keys.records.has('key'));
    expect(counted(coordinator, 'batch.resent')).toHaveLength(2);
  });

  it('lets nothing wait for a batch that cannot be put back', async () => {
    const coordinator = await start({ workers: 0, options: patient });
    await watching(coordinator);
    const [bad] = await coordinator.accept({ text: 'bad' });
    const [good] = await coordinator.accept({ text: 'good' }, 'key');
    const create = coordinator.batches.create.bind(coordinator.batches);
    coordinator.batches.create = (batch) =>
      batch.id === batchIdOf(bad) ? Promise.reject(new Error('refused')) : create(batch);
    empty(coordinator.memoryStack);
    coordinator.queue.recreate();
    await eventually(() => coordinator.keys.records.has('key'));
    expect(coordinator.batches.items.has(batchIdOf(good))).toBe(true);
    expect(coordinator.queue.messages).toHaveLength(1);
    expect(counted(coordinator, 'batch.restore_failed').length).toBeGreaterThan(0);
  });

  it('happens though the stack was emptied before it was first seen', async () => {
    const memoryStack = createMemoryStack(20_000);
    memoryStack.marker.failures.plan('read', 'effect-lost');
    const coordinator = await start({ memoryStack, workers: 0, options: patient });
    const taskIds = await coordinator.accept({ text: 'one' });
    empty(memoryStack);
    memoryStack.queue.recreate();
    await eventually(() => memoryStack.batches.items.has(batchIdOf(taskIds[0])));
    await eventually(() => memoryStack.queue.messages.length === 1);
  });

  it('happens though another coordinator had made the new marker before this one first saw one', async () => {
    const memoryStack = createMemoryStack(20_000);
    memoryStack.marker.failures.plan('read', 'effect-lost');
    const coordinator = await start({ memoryStack, options: patient });
    const [task] = await coordinator.classify(['one']);
    empty(memoryStack);
    memoryStack.marker.id = 'made by another coordinator';
    await eventually(() => memoryStack.batches.items.has(batchIdOf(task?.taskId)));
  });
});

describe('batches that fell out of the queue', () => {
  it('do not wait for one that the store refuses to write', async () => {
    const coordinator = await start({ workers: 0, options });
    const [bad] = await coordinator.accept({ text: 'bad' });
    const [good] = await coordinator.accept({ text: 'good' });
    const replace = coordinator.batches.replace.bind(coordinator.batches);
    coordinator.batches.replace = (previous, next) =>
      previous.id === batchIdOf(bad) ? Promise.reject(new Error('refused')) : replace(previous, next);
    coordinator.queue.messages = [];
    await eventually(() => coordinator.queue.messages.length === 1);
    expect(coordinator.batches.items.get(batchIdOf(good))?.sends).toBe(2);
    expect(counted(coordinator, 'batch.restore_failed').length).toBeGreaterThan(0);
  });
});

describe('an index of unfinished batches that lags behind its table', () => {
  it('hides no lost batch behind entries that lead nowhere', async () => {
    const coordinator = await start({ workers: 0, options });
    await coordinator.accept({ text: 'lost' });
    const listOpen = coordinator.batches.listOpen.bind(coordinator.batches);
    const stale = Array.from({ length: 100 }, (_, index) => ({
      id: `01890000-0000-7000-8000-${String(index).padStart(12, '0')}`,
      atMs: 1 + index,
    }));
    coordinator.batches.listOpen = async (limit) => {
      const page = await listOpen(limit);
      return { ...page, entries: [...stale, ...page.entries].slice(0, limit) };
    };
    coordinator.queue.messages = [];
    await eventually(() => counted(coordinator, 'batch.resent').length === 1);
  });
});
