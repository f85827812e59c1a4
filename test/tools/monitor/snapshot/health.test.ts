import { describe, expect, it } from 'vitest';
import { healthOf } from '../../../../tools/monitor/snapshot/health.js';
import { NOTHING_THERE } from '../../../../tools/monitor/snapshot/problem.js';
import { EMPTY_SNAPSHOT, type Snapshot } from '../../../../tools/monitor/snapshot/snapshot.js';
import { NOW_MS, snapshot, statsRow, workerRecord } from '../support/snapshots.js';

describe('the word for the whole', () => {
  it('is live while all is fresh', () => {
    expect(healthOf(snapshot(), NOW_MS)).toEqual({ word: 'live' });
  });

  it('is connecting before anything was tried', () => {
    expect(healthOf(EMPTY_SNAPSHOT, NOW_MS).word).toBe('connecting');
  });

  it.each([
    ['stack unreachable: nobody listens', 'UNREACHABLE'],
    [NOTHING_THERE, 'EMPTY'],
  ])('says why nothing was ever read: %s', (problem, word) => {
    expect(healthOf(failed(EMPTY_SNAPSHOT, problem), NOW_MS)).toEqual({ word, reason: problem });
  });

  it('is STALE when the last data are old, with their age and the reason', () => {
    const late = healthOf(failed(snapshot(), 'stack unreachable: nobody listens'), NOW_MS + 12_000);
    expect(late.word).toBe('STALE');
    expect(late.reason).toBe('12 s old; stack unreachable: nobody listens');
  });

  it('is STALE while a read that never ends keeps the others waiting', () => {
    expect(healthOf(snapshot(), NOW_MS + 5000)).toEqual({
      word: 'STALE',
      reason: '5 s old; the stack does not answer',
    });
  });

  it('bears a read that fails once', () => {
    expect(healthOf(failed(snapshot(), 'a hiccup'), NOW_MS + 1000).word).toBe('live');
  });

  it('is STALE when only one of SQS and DynamoDB is gone', () => {
    const { queue, ...rest } = snapshot();
    const { readAtMs: _, ...never } = { ...queue, problem: 'stack unreachable' };
    expect(healthOf({ ...rest, queue: never }, NOW_MS)).toEqual({
      word: 'STALE',
      reason: 'stack unreachable',
    });
  });

  it('is STALE when nobody writes any more: the coordinator is down', () => {
    const silent = snapshot({
      workers: [workerRecord('worker-1', { heartbeatAtMs: NOW_MS - 9000 })],
      rows: [statsRow(30)],
    });
    expect(healthOf(silent, NOW_MS).word).toBe('STALE');
    expect(healthOf(silent, NOW_MS).reason).toBe('coordinator down, or no worker left, for 9 s');
  });

  it('is live while a coordinator writes although every worker is dead', () => {
    const workers = [workerRecord('worker-1', { heartbeatAtMs: NOW_MS - 9000 })];
    expect(healthOf(snapshot({ workers, rows: [statsRow(1)] }), NOW_MS).word).toBe('live');
  });

  it('is live on a stack on which nothing ran yet', () => {
    expect(healthOf(snapshot({ workers: [], rows: [] }), NOW_MS).word).toBe('live');
  });
});

function failed(before: Snapshot, problem: string): Snapshot {
  return {
    ...before,
    workers: { ...before.workers, problem },
    queue: { ...before.queue, problem },
    stats: { ...before.stats, problem },
    tasks: { ...before.tasks, problem },
  };
}
