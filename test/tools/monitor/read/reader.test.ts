import { describe, expect, it } from 'vitest';
import type { BatchDocument } from '../../../../contracts/batch/batch.js';
import { taskIdOf } from '../../../../contracts/batch/ids.js';
import { HOUR, HOUR_MS, finished, sampleBatch } from '../../../support/sample-batch.js';
import {
  MemoryBatchStore,
  MemoryStatsStore,
  MemoryWorkerStore,
  Mishaps,
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
  const mishaps = new Mishaps();
  const read: string[][] = [];
  const counted = <T>(name: string, call: () => Promise<T>): Promise<T> => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return mishaps.run(name, () => undefined).then(call);
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
    mishaps,
    read,
    now: () => nowMs,
    pass: (ms: number) => void (nowMs += ms),
    /** What one refresh asks for. */
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
    const world = watched();
    await world.refresh();
    expect((await world.refresh()).calls['byTime']).toBe(1);
    world.pass(3_600_000 - (world.now() % 3_600_000) + 10_000); // ten seconds into the next hour
    await world.refresh();
    expect((await world.refresh()).calls['byTime']).toBe(2);
  });

  it('brings all there is', async () => {
    const world = watched();
    await world.workers.put(workerRecord('worker-1', { heartbeatAtMs: START_MS - 100 }));
    await world.stats.put(statsRow(0, { second: START_MS / 1000 - 1 }));
    const batch = await storeAt(world.batches, START_MS - 4000, { dueAtMs: START_MS + 57_500 });
    const { snapshot } = await world.refresh();
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
    const world = watched();
    const batch = await storeAt(world.batches, START_MS - 4000);
    await world.batches.replace(batch, finished(batch));
    await world.refresh();
    const asked = [];
    for (let turn = 0; turn < 3; turn += 1) {
      world.pass(1000);
      asked.push((await world.refresh()).calls);
    }
    const always = { workers: 1, stats: 1, depth: 1, byTime: 1, readMany: 1 };
    expect(asked).toEqual([{ ...always, dead: 1 }, { ...always, open: 1 }, always]);
    expect(world.read.slice(1)).toEqual([[], [], []]);
  });

  it('keeps what it had, and the reason, where a read fails', async () => {
    const world = watched();
    await world.workers.put(workerRecord('worker-1'));
    const first = (await world.refresh()).snapshot;
    world.pass(1000);
    world.mishaps.plan('workers', 'effect-lost');
    const { snapshot } = await world.refresh();
    expect(snapshot.workers).toEqual({
      ...first.workers,
      problem: expect.stringContaining('planned') as string,
    });
    expect(snapshot.queue).toMatchObject({ readAtMs: START_MS + 1000 });
    expect((await world.refresh()).snapshot.workers).toMatchObject({ readAtMs: START_MS + 1000 });
    expect((await world.refresh()).snapshot.workers).not.toHaveProperty('problem');
  });

  it('adds the rows of statistics that are new, and forgets those of long ago', async () => {
    const world = watched();
    const second = START_MS / 1000;
    await world.stats.put(statsRow(0, { second: second - 298 }));
    await world.stats.put(statsRow(0, { second: second - 1 }));
    await world.refresh();
    world.pass(3000);
    await world.stats.put(statsRow(0, { second: second - 1, coordinatorId: 'coordinator-b' }));
    await world.stats.put(statsRow(0, { second: second + 1 }));
    const { snapshot } = await world.refresh();
    expect(snapshot.stats.value.map((row) => [row.second - second, row.coordinatorId])).toEqual([
      [-1, 'coordinator-a'],
      [-1, 'coordinator-b'],
      [1, 'coordinator-a'],
    ]);
  });
});

describe('tasks', () => {
  it('are newest first, and change as their batches do', async () => {
    const world = watched();
    const old = await storeAt(world.batches, START_MS - 9000, single(START_MS - 9000));
    await world.refresh();
    const young = await storeAt(world.batches, START_MS - 50, single(START_MS - 50));
    await world.batches.replace(old, finished(old));
    world.pass(1000);
    const { snapshot } = await world.refresh();
    expect(snapshot.tasks.value.map(({ batchId, status }) => [batchId, status])).toEqual([
      [young.id, 'queued'],
      [old.id, 'succeeded'],
    ]);
  });

  it('of earlier hours are looked for once', async () => {
    const world = watched();
    await storeAt(world.batches, START_MS - 5 * HOUR_MS, single(START_MS - 5 * HOUR_MS));
    const first = await world.refresh();
    expect(first.snapshot.tasks.value).toHaveLength(1);
    expect(first.calls['byTime']).toBeGreaterThan(5);
    world.pass(1000);
    const second = await world.refresh();
    expect(second.calls['byTime']).toBe(1);
    expect(second.snapshot.tasks.value).toHaveLength(1);
  });

  it('of the hour before are not missed when the hour turns', async () => {
    const world = watched();
    world.pass(HOUR_MS / 2 - 100);
    await world.refresh();
    await storeAt(world.batches, world.now() + 50, single(world.now() + 50));
    world.pass(1000);
    expect((await world.refresh()).snapshot.tasks.value).toHaveLength(1);
  });

  it('of a busy system are those of a moment ago, which have answers, and few of them', async () => {
    const world = watched();
    for (let index = 0; index < 100; index += 1) {
      await storeAt(world.batches, START_MS - 2 * index, single(START_MS - 2 * index));
    }
    await world.refresh();
    for (let index = 0; index < 1000; index += 1) {
      await storeAt(world.batches, START_MS + index, single(START_MS + index));
    }
    world.pass(1000);
    expect((await world.refresh()).calls).not.toHaveProperty('byTime');
    await world.refresh();
    const fresh = world.read.at(-1) ?? [];
    expect(fresh.length).toBeLessThanOrEqual(40);
    const newest = Math.max(...fresh.map((id) => world.batches.items.get(id)?.createdAtMs ?? 0));
    expect(newest).toBe(START_MS + 299);
  });

  it('that somebody looks at are read until they are final, however old', async () => {
    const world = watched();
    const batch = sampleBatch({ createdAtMs: START_MS - 48 * HOUR_MS });
    await world.batches.create(batch);
    const task = taskIdOf(batch.id, 2);
    const open = await world.refresh(task);
    expect(open.snapshot.watched[2]).toMatchObject({ taskId: task, status: 'queued' });
    await world.batches.replace(batch, finished(batch));
    expect((await world.refresh(task)).snapshot.watched[2]).toMatchObject({ status: 'succeeded' });
    await world.refresh(task);
    expect(world.read.at(-1)).toEqual([]);
    expect((await world.refresh('no task id')).snapshot.watched).toEqual([]);
  });

  it('do not grow without end', async () => {
    const world = watched();
    for (let round = 0; round < 60; round += 1) {
      world.pass(10_000);
      for (let index = 0; index < 8; index += 1) await storeAt(world.batches, world.now() - index);
      await world.refresh();
    }
    const { snapshot } = await world.refresh();
    expect(snapshot.tasks.value.length).toBeLessThanOrEqual(1000);
    expect(snapshot.tasks.value.length).toBeGreaterThan(900);
  });
});

describe('what nobody writes down', () => {
  it('is noticed: restarts, other faults, and how much each worker does', async () => {
    const world = watched();
    const beat = (change: object) =>
      world.workers.put(workerRecord('worker-1', { heartbeatAtMs: world.now(), ...change }));
    await beat({ served: 10, failed: 1 });
    await world.refresh();
    world.pass(1000);
    await beat({ served: 14, failed: 2 });
    await world.refresh();
    world.pass(1000);
    await beat({ served: 1, failed: 0, startedAt: '2026-11-24T02:00:00.000Z', faults: 'storm' });
    const { snapshot } = await world.refresh();
    expect(snapshot.served.get('worker-1')?.map(({ tasks }) => tasks)).toEqual([0, 5, 0]);
    expect(snapshot.noticed.map(({ name, fields }) => [name, fields])).toEqual([
      ['worker.restarted', { workerId: 'worker-1' }],
      ['faults.changed', { workerId: 'worker-1', fault: 'storm' }],
    ]);
  });

  it('is noticed: that nobody writes any more, and that somebody does again', async () => {
    const world = watched();
    const beat = () => world.workers.put(workerRecord('worker-1', { heartbeatAtMs: world.now() }));
    await beat();
    await world.refresh();
    world.pass(6000);
    await world.refresh();
    await beat();
    const { snapshot } = await world.refresh();
    expect(snapshot.noticed.map(({ name, fields }) => [name, fields['before'], fields['state']])).toEqual([
      ['monitor.state', 'live', 'STALE'],
      ['monitor.state', 'STALE', 'live'],
    ]);
  });
});
