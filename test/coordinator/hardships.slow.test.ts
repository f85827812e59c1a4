/** Faults that were once found by trying to break the promises. */
import { describe, expect, it } from 'vitest';
import { useCoordinators } from '../support/coordinators.js';
import { parseTaskId } from '../../contracts/batch/ids.js';
import type { TaskPage } from '../../coordinator/tasks/list-tasks.js';
import { eventually } from '../support/eventually.js';
import {
  answer,
  fail,
  refuse,
  scoreOf,
  success,
  succeedAll,
  type Script,
} from '../support/fake-functions.js';
import { itemBytes, MAX_ITEM_BYTES } from '../support/item-bytes.js';
import { createMemoryStack } from '../support/running-coordinator.js';
import { systemClock } from '../support/run-coordinator.js';

const { start } = useCoordinators();

describe('tasks that are invoked alone', () => {
  it.each([3, 6])('%i of them survive workers that refuse in the middle of a round', async (count) => {
    let alone = 0;
    const script: Script = async (invoke) => {
      if (invoke.request.tasks.length > 1) return fail();
      alone += 1;
      if (alone <= 2) {
        await Promise.resolve();
        return refuse();
      }
      await new Promise((resolve) => setImmediate(resolve));
      return succeedAll(invoke);
    };
    const { classify, batches, functions, log } = await start({ script });
    for (const id of ['worker-1', 'worker-2', 'worker-3']) functions.healthy.add(id);
    const tasks = await classify(Array.from({ length: count }, (_, index) => `text ${index}`));
    expect(tasks.map(({ status }) => status)).toEqual(tasks.map(() => 'succeeded'));
    expect(log.filter(({ event }) => event === 'delivery.aborted')).toEqual([]);
    const invokes = [...batches.items.values()].flatMap(({ deliveries }) =>
      Object.values(deliveries).flatMap((delivery) => [...delivery.invokes]),
    );
    expect(invokes.every((invoke) => (invoke as unknown) !== undefined && invoke.outcome !== undefined)).toBe(
      true,
    );
  });

  it('are tried, every one, though their neighbors take the workers with them', async () => {
    const deadUntil = new Map<string, number>();
    const script: Script = (invoke) => {
      if (performance.now() < (deadUntil.get(invoke.workerId) ?? 0)) return refuse();
      if (invoke.request.tasks.some(({ text }) => text.startsWith('poison'))) {
        deadUntil.set(invoke.workerId, performance.now() + 300);
        return fail();
      }
      return succeedAll(invoke);
    };
    const { classify, functions } = await start({ script, memoryStack: createMemoryStack(2000, 4) });
    for (const id of ['worker-1', 'worker-2', 'worker-3']) functions.healthy.add(id);
    const poisons = Array.from({ length: 6 }, (_, index) => `poison ${index}`);
    const tasks = await classify([...poisons, 'good 1', 'good 2', 'good 3'], 25_000);
    const statuses = (kind: string) =>
      tasks.filter(({ text }) => text.startsWith(kind)).map(({ status }) => status);
    expect(statuses('good')).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(new Set(statuses('poison'))).toEqual(new Set(['failed']));
  });
});

describe('a batch as large as it may be', () => {
  it('keeps its answers, whatever its other tasks fail of: DynamoDB takes the item', async () => {
    const words = { code: 'c'.repeat(64), message: '字'.repeat(256), retryable: true };
    const answerOne: Script = ({ workerId, request }) =>
      answer(
        workerId,
        request.tasks.map(({ taskId, text }, index) =>
          index === 0 ? success(taskId, text) : { taskId, status: 'failed', ...words },
        ),
      );
    const script: Script = (invoke, nth, invokeCall) =>
      (nth <= 2 ? answerOne : succeedAll)(invoke, nth, invokeCall);
    const options = { batch: { maxTasks: 256, maxBytes: 200_000, maxTokens: 100_000, windowMs: 2 } };
    const { classify, batches, log } = await start({ script, options });
    const write = batches.replace.bind(batches);
    batches.replace = (previous, next) =>
      itemBytes(next) > MAX_ITEM_BYTES ? Promise.reject(new Error('refused')) : write(previous, next);
    const tasks = await classify(Array.from({ length: 256 }, () => 'x'.repeat(700)));
    expect(new Set(tasks.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    expect(tasks.filter(({ deliveries }) => deliveries < 3)).toHaveLength(2);
    expect(batches.items.size).toBe(1);
    expect(log.filter(({ event }) => event === 'delivery.aborted')).toEqual([]);
  });
});

describe('a worker that does not keep to the contract', () => {
  it('cannot answer for another batch', async () => {
    const other = '01890000-0000-7000-8000-000000000000';
    const script: Script = (invoke, nth) =>
      nth === 1 ? answer(invoke.workerId, [success(`${other}-0`, 'quite different')]) : succeedAll(invoke);
    const { classify } = await start({ script });
    const [task] = await classify(['mine']);
    expect(task).toMatchObject({ status: 'succeeded', score: scoreOf('mine'), deliveries: 2 });
  });

  it.each([
    ['that has no deadline', {}],
    ['whose deadline is far away, by a clock that is ahead', { deadlineMs: 60_000 }],
  ])('cannot expire a task %s', async (_which, deadline) => {
    const script: Script = (invoke, nth) =>
      nth === 1
        ? answer(
            invoke.workerId,
            invoke.request.tasks.map(({ taskId }) => ({ taskId, status: 'expired' })),
          )
        : succeedAll(invoke);
    const { accept, finished } = await start({ script });
    const [task] = await finished(await accept({ text: 'mine', ...deadline }));
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 2 });
  });
});

describe('deadlines', () => {
  it('are kept by a task that falls due while its neighbor is being expired', async () => {
    const { accept, finished, batches } = await start({ workers: 0 });
    await accept({ text: 'under way, so that what comes next gathers' });
    const write = batches.replace.bind(batches);
    batches.replace = async (previous, next) => {
      await new Promise<void>((resolve) => systemClock.timer(100, resolve));
      return write(previous, next);
    };
    const due = [100, 150].map((deadlineMs) => accept({ text: 'due', deadlineMs }));
    const taskIds = (await Promise.all(due)).flat();
    expect(new Set(taskIds.map((taskId) => parseTaskId(taskId)?.batchId)).size).toBe(1);
    const tasks = await finished(taskIds, 5000);
    expect(tasks.map(({ status }) => status)).toEqual(['expired', 'expired']);
    expect(await accept({ texts: ['another'] })).toHaveLength(1);
  });
});

describe('the list of open tasks', () => {
  it('can be paged to its end, each task once', async () => {
    const { accept, coordinator } = await start({
      workers: 0,
      options: { batch: { maxTasks: 1, maxBytes: 200_000, maxTokens: 100_000, windowMs: 0 } },
    });
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 100 }, () => accept({ text: 'waiting' })));
    }
    const listed: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined && pages < 20; pages += 1) {
      const page: TaskPage = await coordinator.list(
        { status: 'open', limit: 120, cursor: cursor === '' ? undefined : cursor },
        new AbortController().signal,
      );
      listed.push(...page.tasks.map(({ taskId }) => taskId));
      cursor = page.cursor;
    }
    expect(listed).toHaveLength(500);
    expect(new Set(listed).size).toBe(500);
    const batchIds = listed.map((taskId) => parseTaskId(taskId)?.batchId ?? '');
    expect(batchIds).toEqual(batchIds.toSorted().toReversed());
  });
});

describe('workers that are gone', () => {
  it('are forgotten after a while', async () => {
    const { coordinator, beating } = await start();
    beating.delete('worker-2');
    await eventually(() => coordinator.registry.all().find(({ id }) => id === 'worker-2')?.state !== 'up');
    coordinator.registry.forgetGone(0);
    expect(coordinator.registry.all().map(({ id }) => id)).not.toContain('worker-2');
  });
});
