import { beforeEach, describe, expect, it } from 'vitest';
import { WorkerSightings } from '../../../contracts/worker/worker-sightings.js';
import { LiveFeed, type Reading } from '../../../coordinator/live/live-feed.js';
import { StatsCursor } from '../../../coordinator/live/stats-cursor.js';
import { StatsRecorder } from '../../../coordinator/stats/stats-recorder.js';
import { readStats } from '../../../coordinator/stats/stats-view.js';
import { StatsRows } from '../../../tools/monitor/read/stats-rows.js';
import { flowOf } from '../../../tools/monitor/view/flow.js';
import { ManualClock } from '../../support/manual-clock.js';
import {
  MemoryBatchStore,
  MemoryQueue,
  MemoryStatsStore,
  MemoryWorkerStore,
} from '../../support/memory-stack.js';
import { memoryLogger } from '../../support/running-coordinator.js';
import { VISIBILITY_MS } from '../batch/support/batch-moves.js';

const HOUR_MS = 3_600_000;
const A_SECOND = 10;

let stats: MemoryStatsStore;

beforeEach(() => {
  stats = new MemoryStatsStore();
});

/** A coordinator's machine, as far as it counts and shows what it counts. */
function machine(id: string, offsetMs = 0) {
  const clock = new ManualClock(offsetMs);
  const logger = memoryLogger([]);
  const recorder = new StatsRecorder({ clock, stats, logger }, id, {
    outstandingTasks: 7,
    outstandingBytes: 0,
  });
  recorder.start();
  const ports = {
    clock,
    stats,
    logger,
    queue: new MemoryQueue(clock, VISIBILITY_MS),
    batches: new MemoryBatchStore(),
    workers: new MemoryWorkerStore(),
    sightings: new WorkerSightings(clock),
  };
  return {
    clock,
    feed: new LiveFeed(ports, VISIBILITY_MS),
    work: async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        recorder.count('accepted', A_SECOND);
        clock.advance(1000);
        for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      }
    },
    view: () => readStats(ports, VISIBILITY_MS),
  };
}

const STEPS = [-HOUR_MS, -180_000, -10_000, HOUR_MS];

describe.each(STEPS)('after a step of the clock by %i ms', (stepMs) => {
  it('GET /stats goes on to tell what happens', async () => {
    const { clock, work, view } = machine('a');
    await work(20);
    clock.step(stepMs);
    await work(15);
    const { rates, outstandingTasks } = await view();
    expect(rates.acceptedPerSecond).toBeGreaterThanOrEqual(A_SECOND);
    expect(rates.acceptedPerSecond).toBeLessThan(1.2 * A_SECOND);
    expect(outstandingTasks).toBe(7);
  });

  it('GET /events goes on at once', async () => {
    const { clock, work, feed } = machine('a');
    const readings: Reading[] = [];
    const stop = feed.listen((reading) => readings.push(reading));
    const cursor = StatsCursor.before(feed.lastOver());
    const sent = (): number[] =>
      [...cursor.advance(readings.at(-1)?.upTo ?? 0, (second) => feed.seconds.rowsIn(second))].map(
        ({ second }) => second,
      );
    await work(5);
    expect(sent().length).toBeGreaterThan(3);
    clock.step(stepMs);
    await work(4);
    sent();
    await work(5);
    const seconds = sent();
    expect(seconds.length).toBeGreaterThanOrEqual(4);
    expect(seconds.at(-1)).toBe(feed.lastOver());
    expect(seconds.every((second) => feed.seconds.rowsIn(second) === 1)).toBe(true);
    stop();
  });

  it('the monitor goes on to show it', async () => {
    const { clock, work } = machine('a');
    const rows = new StatsRows(stats);
    await work(20);
    await rows.refresh(clock.now());
    clock.step(stepMs);
    await work(15);
    const flow = flowOf(await rows.refresh(clock.now()), clock.now(), 10);
    expect(rows.hasNew).toBe(true);
    expect(flow.in.perSecond).toBeGreaterThanOrEqual(A_SECOND);
    expect(flow.in.perSecond).toBeLessThan(1.2 * A_SECOND);
    expect(flow.outstanding.tasks).toBe(7);
  });
});

describe('a step forward that is taken back', () => {
  it('leaves no second of the future in the way', async () => {
    const { clock, work, view } = machine('a');
    await work(20);
    clock.step(HOUR_MS);
    await work(20);
    clock.step(-HOUR_MS);
    await work(15);
    expect((await view()).rates.acceptedPerSecond).toBeLessThan(1.2 * A_SECOND);
    expect((await view()).rates.acceptedPerSecond).toBeGreaterThanOrEqual(A_SECOND);
  });
});

describe.each([-10_000, 10_000])('a coordinator whose clock is %i ms ahead of the reader', (offsetMs) => {
  it('is counted among the others', async () => {
    const here = machine('here');
    const there = machine('there', offsetMs);
    for (let second = 0; second < 30; second += 1) await Promise.all([here.work(1), there.work(1)]);
    const { outstandingTasks, counts } = await here.view();
    expect(outstandingTasks).toBe(14);
    expect(counts['accepted']).toBe(2 * 30 * A_SECOND);
  });
});

it('the rates of a coordinator whose clock is ahead are those of ten seconds', async () => {
  const here = machine('here');
  await machine('there', 10_000).work(30);
  here.clock.advance(30_000);
  const { acceptedPerSecond } = (await here.view()).rates;
  expect(acceptedPerSecond).toBeGreaterThanOrEqual(A_SECOND);
  expect(acceptedPerSecond).toBeLessThan(1.2 * A_SECOND);
});
