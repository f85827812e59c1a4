import { describe, expect, it } from 'vitest';
import { newBatchId, parseTaskId, taskIdOf } from '../../../contracts/batch/ids.js';
import { ManualClock } from '../../support/manual-clock.js';
import { BATCH_ID } from '../../coordinator/batch/support/batch-moves.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';

describe('newBatchId', () => {
  it('makes UUIDs of version 7 that sort by time', () => {
    const clock = new ManualClock();
    const random = new SeededRandom(1);
    const ids = Array.from({ length: 50 }, () => {
      clock.advance(1.5);
      return newBatchId(clock, random);
    });
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const ofDifferentMilliseconds = ids.filter((_, index) => index % 2 === 0);
    expect(ofDifferentMilliseconds.toSorted()).toEqual(ofDifferentMilliseconds);
  });

  it('holds the time in its first 48 bits', () => {
    const clock = new ManualClock();
    const id = newBatchId(clock, new SeededRandom(1));
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(clock.now());
  });

  it('makes different ones in one instant', () => {
    const clock = new ManualClock();
    const random = new SeededRandom(1);
    const ids = new Set(Array.from({ length: 500 }, () => newBatchId(clock, random)));
    expect(ids.size).toBe(500);
  });
});

describe('parseTaskId', () => {
  it.each([0, 7, 31, 255])('finds batch and index again: %i', (taskIndex) => {
    expect(parseTaskId(taskIdOf(BATCH_ID, taskIndex))).toEqual({ batchId: BATCH_ID, taskIndex });
  });

  it.each([
    '',
    'nonsense',
    BATCH_ID,
    `${BATCH_ID}-`,
    `${BATCH_ID}-01`,
    `${BATCH_ID}--1`,
    `${BATCH_ID}-1.5`,
    `${BATCH_ID}-1000`,
    `${BATCH_ID}-1\n`,
    ` ${BATCH_ID}-1`,
    `${BATCH_ID.toUpperCase()}-1`,
    `${BATCH_ID.replace('-7', '-4')}-1`,
    '__proto__-1',
  ])('knows what is no task id: %j', (id) => {
    expect(parseTaskId(id)).toBeUndefined();
  });
});
