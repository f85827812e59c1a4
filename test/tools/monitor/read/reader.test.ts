import { describe, expect, it } from 'vitest';
import type { BatchDocument } from '../../../../contracts/batch/batch.js';
import { taskIdOf } from '../../../../contracts/batch/ids.js';
import { HOUR, HOUR_MS, finished, sampleBatch } from '../../../support/sample-batch.js';
import {
  MemoryBatchStore,
  MemoryStatsStore,
  MemoryWorkerStore,
  PlannedFailures,
} from '../../../support/memory-stack.js';
import { Reader } from '../../../../tools/monitor/read/reader.js';
import { statsRow, workerRecord } from '../support/snapshots.js';

const START_MS = HOUR * HOUR_MS + 1_800_000;

/** A stack in memory that counts what is asked of it, and a clock that goes when it is told. */
function watched() {
  let nowMs = START_MS;
  const calls = new Map<string, number>();
  const batches = new MemoryBatchStore();
  const workers = new MemoryWorkerStore();
  const stats = new MemoryStatsStore();
  const queue = { depth: { visible: 3, inFlight: 2, delayed: 0 }, visibilityTimeoutMs: 30_000 };
  const failures = new PlannedFailures();
  const read: string[][] = [];
  const counted = <T>(name: string, call: () => Promise<T>): Promise<T> => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return failures.run(name, () => undefined).then(call);
  };
  const reader = new Reader({
    now: () => nowMs,
    monotonic: () => nowMs - START_MS,
    queue: {
      batches: () => counted('depth', () => Promise.resolve(queue)),
      deadLetters: () => counted('dead', () => Promise.resolve({ visible: 1, inFlight: 1, delayed: 0 })),
    },
    workers: { list: () => counted('workers', () => workers.list()) },
    stats: { range: (from, to) => counted('stats', () => stats.range(from, to)) },
    batches: {
      listByTime: (...given) => counted('byTime', () => batches.listByTime(...given)),
      listOpen: (limit) => counted('open', () => batches.listOpen(limit)),
      readMany: (ids) =>
        counted('readMany', () => {
          read.push([...ids]);
          return batches.readMany(ids);
        }),
    },
  });
  return {
    reader,
    batches,
    workers,
    stats,
    failures,
    read,
    now: () => nowMs,
    pass: (ms: number) => void (nowMs += ms),
    /** The calls of one refresh. */
    refresh: async (task?: string) => {
      calls.clear();
      const snapshot = await reader.refresh(task);
      return { snapshot, calls: Object.fromEntries(calls) };
    },
  };
}

const storeAt = async (
  batches: MemoryBatchStore,
  createdAtMs: number,
  change: Partial<BatchDocument> = {},
) => {
  const batch = sampleBatch({ createdAtMs, ...change });
  await batches.create(batch);
  return batch;
};

const single = (createdAtMs: number): Partial<BatchDocument> => ({
  inputs: [{ text: 'a text', requestId: 'r', acceptedAtMs: createdAtMs }],
  tasks: [{ status: 'open', failedAlone: 0 }],
});

describe('a refresh', () => {
  it('looks once at the hours before, and at the turn of an hour at no more than both', async () => {
    const memoryStack = watched();
    await memoryStack.refresh();
    expect((await memoryStack.refresh()).calls['byTime']).toBe(1);
    memoryStack.pass(3_600_000 - (memoryStack.now() % 3_600_000) + 10_000); // ten seconds into the next hour
    await memoryStack.refresh();
    expect((await memoryStack.refresh()).calls['byTime']).toBe(2);
  });

  it('brings all there is', async () => {
    const memoryStack = watched();
    await memoryStack.workers.put(workerRecord('worker-1', { heartbeatAtMs: START_MS - 100 }));
    await memoryStack.stats.put(statsRow(0, { second: START_MS / 1000 - 1 }));
    const batch = await storeAt(memoryStack.batches, START_MS - 4000, { dueAtMs: START_MS + 57_500 });
    const { snapshot } = await memoryStack.refresh();
    expect(snapshot.workers.value.map(({ id }) => id)).toEqual(['worker-1']);
    expect(snapshot.queue.value).toEqual({
      depth: { visible: 3, inFlight: 2, delayed: 0 },
      deadLetters: 2,
      oldestQueuedMs: 2500,
    });
    expect(snapshot.stats.value).toHaveLength(1);
    expect(snapshot.tasks.value.map(({ taskId }) => taskId)).toContain(taskIdOf(batch.id, 0));
    expect(snapshot.samples).toEqual([{ ...snapshot.queue.value, second: START_MS / 1000 }]);
  });

  it('asks little: what is slow to change in turns, and no batch where none is new or open', async () => {
    const memoryStack = watched();
    const batch = await storeAt(memoryStack.batches, START_MS - 4000);
    await memoryStack.batches.replace(batch, finished(batch));
    await memoryStack.refresh();
    const requested = [];
    for (let turn = 0; turn < 3; turn += 1) {
      memoryStack.pass(1000);
      requested.push((await memoryStack.refresh()).calls);
    }
    const always = { workers: 1, stats: 1, depth: 1, byTime: 1, readMany: 1 };
    expect(requested).toEqual([{ ...always, dead: 1 }, { ...always, open: 1 }, always]);
    expect(memoryStack.read.slice(1)).toEqual([[], [], []]);
  });

  it('keeps what it had, and the reason, where a read fails', async () => {
    const memoryStack = watched();
    await memoryStack.workers.put(workerRecord('worker-1'));
    const first = (await memoryStack.refresh()).snapshot;
    memoryStack.pass(1000);
    memoryStack.failures.plan('workers', 'effect-lost');
    const { snapshot } = await memoryStack.refresh();
    expect(snapshot.workers).toEqual({
      ...first.workers,
      problem: expect.stringContaining('planned') as string,
    });
    expect(snapshot.queue).toMatchObject({ readAtMs: START_MS + 1000 });
    expect((await memoryStack.refresh()).snapshot.workers).toMatchObject({ readAtMs: START_MS + 1000 });
    expect((await memoryStack.refresh()).snapshot.workers).not.toHaveProperty('problem');
  });

  it('adds the rows of statistics that are new, and forgets those of long ago', async () => {
    const memoryStack = watched();
    const second = START_MS / 1000;
    await memoryStack.stats.put(statsRow(0, { second: second - 298 }));
    await memoryStack.stats.put(statsRow(0, { second: second - 1 }));
    await memoryStack.refresh();
    memoryStack.pass(3000);
    await memoryStack.stats.put(statsRow(0, { second: second - 1, coordinatorId: 'coordinator-b' }));
    await memoryStack.stats.put(statsRow(0, { second: second + 1 }));
    const { snapshot } = await memoryStack.refresh();
    expect(snapshot.stats.value.map((row) => [row.second - second, row.coordinatorId])).toEqual([
      [-1, 'coordinator-a'],
      [-1, 'coordinator-b'],
      [1, 'coordinator-a'],
    ]);
  });
});

describe('tasks', () => {
  it('are newest first, and change as their batches do', async () => {
    const memoryStack = watched();
    const old = await storeAt(memoryStack.batches, START_MS - 9000, single(START_MS - 9000));
    await memoryStack.refresh();
    const young = await storeAt(memoryStack.batches, START_MS - 50, single(START_MS - 50));
    await memoryStack.batches.replace(old, finished(old));
    memoryStack.pass(1000);
    const { snapshot } = await memoryStack.refresh();
    expect(snapshot.tasks.value.map(({ batchId, status }) => [batchId, status])).toEqual([
      [young.id, 'queued'],
      [old.id, 'succeeded'],
    ]);
  });

  it('of earlier hours are looked for once', async () => {
    const memoryStack = watched();
    await storeAt(memoryStack.batches, START_MS - 5 * HOUR_MS, single(START_MS - 5 * HOUR_MS));
    const first = await memoryStack.refresh();
    expect(first.snapshot.tasks.value).toHaveLength(1);
    expect(first.calls['byTime']).toBeGreaterThan(5);
    memoryStack.pass(1000);
    const second = await memoryStack.refresh();
    expect(second.calls['byTime']).toBe(1);
    expect(second.snapshot.tasks.value).toHaveLength(1);
  });

  it('of the hour before are not missed when the hour turns', async () => {
    const memoryStack = watched();
    memoryStack.pass(HOUR_MS / 2 - 100);
    await memoryStack.refresh();
    await storeAt(memoryStack.batches, memoryStack.now() + 50, single(memoryStack.now() + 50));
    memoryStack.pass(1000);
    expect((await memoryStack.refresh()).snapshot.tasks.value).toHaveLength(1);
  });

  it('of a busy system are those of a moment ago, which have answers, and few of them', async () => {
    const memoryStack = watched();
    for (let index = 0; index < 100; index += 1) {
      await storeAt(memoryStack.batches, START_MS - 2 * index, single(START_MS - 2 * index));
    }
    await memoryStack.refresh();
    for (let index = 0; index < 1000; index += 1) {
      await storeAt(memoryStack.batches, START_MS + index, single(START_MS + index));
    }
    memoryStack.pass(1000);
    expect((await memoryStack.refresh()).calls).not.toHaveProperty('byTime');
    await memoryStack.refresh();
    const fresh = memoryStack.read.at(-1) ?? [];
    expect(fresh.length).toBeLessThanOrEqual(40);
    const newest = Math.max(...fresh.map((id) => memoryStack.batches.items.get(id)?.createdAtMs ?? 0));
    expect(newest).toBe(START_MS + 299);
  });

  it('that somebody looks at are read until they are final, however old', async () => {
    const memoryStack = watched();
    const batch = sampleBatch({ createdAtMs: START_MS - 48 * HOUR_MS });
    await memoryStack.batches.create(batch);
    const task = taskIdOf(batch.id, 2);
    const open = await memoryStack.refresh(task);
    expect(open.snapshot.watched[2]).toMatchObject({ taskId: task, status: 'queued' });
    await memoryStack.batches.replace(batch, finished(batch));
    expect((await memoryStack.refresh(task)).snapshot.watched[2]).toMatchObject({ status: 'succeeded' });
    await memoryStack.refresh(task);
    expect(memoryStack.read.at(-1)).toEqual([]);
    expect((await memoryStack.refresh('no task id')).snapshot.watched).toEqual([]);
  });

  it('do not grow without end', async () => {
    const memoryStack = watched();
    for (let round = 0; round < 60; round += 1) {
      memoryStack.pass(10_000);
      for (let index = 0; index < 8; index += 1)
        await storeAt(memoryStack.batches, memoryStack.now() - index);
      await memoryStack.refresh();
    }
    const { snapshot } = await memoryStack.refresh();
    expect(snapshot.tasks.value.length).toBeLessThanOrEqual(1000);
    expect(snapshot.tasks.value.length).toBeGreaterThan(900);
  });
});

describe('what nobody writes down', () => {
  it('is noticed: restarts, other faults, and how much each worker does', async () => {
    const memoryStack = watched();
    const beat = (change: object) =>
      memoryStack.workers.put(workerRecord('worker-1', { heartbeatAtMs: memoryStack.now(), ...change }));
    await beat({ served: 10, failed: 1 });
    await memoryStack.refresh();
    memoryStack.pass(1000);
    await beat({ served: 14, failed: 2 });
    await memoryStack.refresh();
    memoryStack.pass(1000);
    await beat({ served: 1, failed: 0, startedAt: '2026-11-24T02:00:00.000Z', faults: 'storm' });
    const { snapshot } = await memoryStack.refresh();
    expect(snapshot.served.get('worker-1')?.map(({ tasks }) => tasks)).toEqual([0, 5, 0]);
    expect(snapshot.noticed.map(({ name, fields }) => [name, fields])).toEqual([
      ['worker.restarted', { workerId: 'worker-1' }],
      ['faults.changed', { workerId: 'worker-1', fault: 'storm' }],
    ]);
  });

  it('is noticed: that nobody writes any more, and that somebody does again', async () => {
    const memoryStack = watched();
    const beat = () =>
      memoryStack.workers.put(workerRecord('worker-1', { heartbeatAtMs: memoryStack.now() }));
    await beat();
    await memoryStack.refresh();
    memoryStack.pass(6000);
    await memoryStack.refresh();
    await beat();
    const { snapshot } = await memoryStack.refresh();
    expect(snapshot.noticed.map(({ name, fields }) => [name, fields['before'], fields['state']])).toEqual([
      ['monitor.state', 'live', 'STALE'],
      ['monitor.state', 'STALE', 'live'],
    ]);
  });
});
