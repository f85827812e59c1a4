import { beforeEach, describe, expect, it } from 'vitest';
import type { StatsRow } from '../../../contracts/stats/stats.js';
import { bucketMs, bucketOf } from '../../../contracts/stats/histogram.js';
import { readStats } from '../../../coordinator/stats/stats-view.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore, MemoryQueue, MemoryStatsStore } from '../../support/memory-stack.js';
import { newBatch, VISIBILITY_MS } from '../batch/support/batch-moves.js';

const MAX_RECEIVE_COUNT = 10;

let clock: ManualClock;
let queue: MemoryQueue;
let batches: MemoryBatchStore;
let stats: MemoryStatsStore;

beforeEach(() => {
  clock = new ManualClock();
  queue = new MemoryQueue(clock, VISIBILITY_MS, MAX_RECEIVE_COUNT);
  batches = new MemoryBatchStore();
  stats = new MemoryStatsStore();
});

const read = () => readStats({ clock, queue, batches, stats }, VISIBILITY_MS);

/** The row of a second that lies so far back. */
async function wrote(secondsAgo: number, row: Partial<StatsRow>): Promise<void> {
  await stats.put({
    coordinatorId: 'coordinator-a',
    second: Math.floor(clock.now() / 1000) - secondsAgo,
    counts: {},
    latency: {},
    outstandingTasks: 0,
    events: [],
    ...row,
  });
}

describe('readStats', () => {
  it('has something to say of a system in which nothing has happened', async () => {
    expect(await read()).toEqual({
      queue: { visible: 0, inFlight: 0, delayed: 0, deadLetters: 0 },
      deadLettered: 0,
      oldestQueuedMs: 0,
      outstandingTasks: 0,
      outstandingBytes: 0,
      rates: { acceptedPerSecond: 0, succeededPerSecond: 0, failedPerSecond: 0 },
      latency: { p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null },
      retries: 0,
      counts: {},
      windowSeconds: 60,
    });
  });

  it('takes rates from the last ten seconds, counts and latencies from the last minute', async () => {
    await wrote(2, { counts: { accepted: 70, succeeded: 60, retries: 3 }, latency: { [bucketOf(10)]: 99 } });
    await wrote(9, { counts: { accepted: 30 } });
    await wrote(40, { counts: { accepted: 500, retries: 4 }, latency: { [bucketOf(300)]: 1 } });
    await wrote(90, { counts: { accepted: 9000 } });
    const view = await read();
    expect(view.rates).toEqual({ acceptedPerSecond: 10, succeededPerSecond: 6, failedPerSecond: 0 });
    expect(view.counts).toEqual({ accepted: 600, retries: 7, succeeded: 60 });
    expect(view.retries).toBe(7);
    expect(view.latency.p50Ms).toBeCloseTo(bucketMs(bucketOf(10)), 1);
    expect(view.latency.p99Ms).toBeCloseTo(bucketMs(bucketOf(10)), 1);
  });

  it('adds up what each coordinator last said of its outstanding tasks, as long as that is fresh', async () => {
    await wrote(3, { outstandingTasks: 900 });
    await wrote(1, { outstandingTasks: 20 });
    await wrote(2, { outstandingTasks: 5, coordinatorId: 'coordinator-b' });
    await wrote(30, { outstandingTasks: 400, coordinatorId: 'coordinator-dead' });
    expect((await read()).outstandingTasks).toBe(25);
  });

  it('tells how long the longest untouched batch has waited', async () => {
    const dueIn = (ms: number, id: string) =>
      batches.create({ ...newBatch(), id, dueAtMs: clock.now() + 2 * VISIBILITY_MS + ms });
    await dueIn(-100, 'young');
    await dueIn(-4200.4, 'old');
    expect((await read()).oldestQueuedMs).toBe(4200);
  });

  it('says what the queue says', async () => {
    queue.put('waiting');
    queue.put('waiting too');
    await queue.receive(1, 0);
    for (const body of ['given up', 'that too', 'and that']) queue.deadLetters.put(body);
    await queue.deadLetters.receive(1, 0);
    expect((await read()).queue).toEqual({ visible: 1, inFlight: 1, delayed: 0, deadLetters: 3 });
  });

  it('counts the tasks that were dead-lettered, though their messages have left the queue', async () => {
    await wrote(5, { counts: { deadLetters: 2 } });
    await wrote(30, { counts: { deadLetters: 1 }, coordinatorId: 'coordinator-b' });
    await wrote(90, { counts: { deadLetters: 40 } });
    expect(await read()).toMatchObject({ queue: { deadLetters: 0 }, deadLettered: 3 });
  });

  it('does not hide that the stack is away', async () => {
    queue.failures.plan('depth', 'effect-lost');
    await expect(read()).rejects.toMatchObject({ code: 'stack_unavailable' });
  });
});
