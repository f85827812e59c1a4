import { NOTHING_OUTSTANDING } from '../../support/nothing-outstanding.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { StackUnavailableError } from '../../../contracts/errors/errors.js';
import type { StatsRow } from '../../../contracts/stats/stats.js';
import { StatsRecorder } from '../../../coordinator/stats/stats-recorder.js';
import { ManualClock } from '../../support/manual-clock.js';
import { memoryLogger } from '../../support/running-coordinator.js';

let clock: ManualClock;
let rows: StatsRow[];
let refusal: Error | undefined;
let recorder: StatsRecorder;

beforeEach(() => {
  clock = new ManualClock();
  rows = [];
  refusal = undefined;
  const stats = {
    put: (row: StatsRow) => {
      if (refusal !== undefined) return Promise.reject(refusal);
      rows.push(row);
      return Promise.resolve();
    },
    range: () => Promise.resolve(rows),
  };
  recorder = new StatsRecorder(
    { clock, stats, logger: memoryLogger([]) },
    'coordinator-a',
    NOTHING_OUTSTANDING,
  );
});

/** The work that the timers began is done as well. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await new Promise(setImmediate);
}

/** A second in which so many tasks were accepted. */
async function second(accepted: number): Promise<void> {
  recorder.count('accepted', accepted);
  await pass(1000);
}

const accepted = () => rows.map(({ counts }) => counts['accepted']);

describe('the statistics of a coordinator', () => {
  it('are a row a second, none while nothing happens', async () => {
    recorder.start();
    await second(1);
    await second(2);
    await pass(5000);
    expect(accepted()).toEqual([1, 2]);
    expect(rows[1]?.second).toBe((rows[0]?.second ?? 0) + 1);
  });

  it('wait while the store is away, and come in order, each in its own second, when it is back', async () => {
    recorder.start();
    await second(1);
    refusal = new StackUnavailableError('cut', 'the stack is away');
    await second(2);
    await second(3);
    expect(accepted()).toEqual([1]);
    refusal = undefined;
    await pass(1000);
    expect(accepted()).toEqual([1, 2, 3]);
    expect(new Set(rows.map((row) => row.second)).size).toBe(3);
  });

  it('that wait are at most the last two minutes', async () => {
    recorder.start();
    refusal = new StackUnavailableError('cut', 'the stack is away');
    for (let turn = 1; turn <= 150; turn += 1) await second(turn);
    refusal = undefined;
    await pass(1000);
    expect(rows).toHaveLength(120);
    expect(accepted().slice(0, 2)).toEqual([31, 32]);
    expect(accepted().at(-1)).toBe(150);
  });

  it('that the store never takes hold up no other', async () => {
    recorder.start();
    refusal = new Error('no such attribute');
    await second(1);
    refusal = undefined;
    await second(2);
    expect(accepted()).toEqual([2]);
  });

  it('are written to the last when it stops', async () => {
    const stop = recorder.start();
    refusal = new StackUnavailableError('cut', 'the stack is away');
    await second(1);
    refusal = undefined;
    recorder.count('accepted', 2);
    await stop();
    expect(accepted()).toEqual([1, 2]);
  });
});
