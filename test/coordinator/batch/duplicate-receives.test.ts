/** A standard queue may hand a message out twice under one receive count: two deliveries with one identity. */
import { describe, expect, it } from 'vitest';
import { mergeKnown } from '../../../coordinator/batch/batch-life.js';
import { commitDelivery } from '../../../coordinator/batch/commit-delivery.js';
import { withUniqueKey, withLostDeliveries } from '../../../coordinator/batch/delivery-history.js';
import { deliveryKey, type BatchDocument, type DeliveryRecord } from '../../../contracts/batch/batch.js';
import {
  all,
  deliver,
  failed,
  history,
  moveAt,
  newBatch,
  startedDelivery,
  succeeded,
  T0,
  VISIBILITY_MS,
} from './support/batch-moves.js';

const started = (batch: BatchDocument, atMs: number, workerId: string) =>
  startedDelivery(batch, 1, {
    startedAtMs: T0 + atMs,
    invokes: batch.tasks.map((_, slot) => ({ workerId, taskIndexes: [slot], startedAtMs: T0 + atMs })),
  });

const newsOf = (slots: readonly number[]) =>
  slots.map((slot) => ({ index: slot, outcomes: new Map([[slot, succeeded]]), computeMs: 1 }));

const withEntry = (batch: BatchDocument, delivery: DeliveryRecord) => ({
  ...batch,
  deliveries: { ...batch.deliveries, [deliveryKey(delivery)]: delivery },
});

const workersOf = ({ deliveries }: BatchDocument) =>
  Object.fromEntries(
    Object.entries(deliveries).map(([key, { number, invokes }]) => [key, [number, invokes[0]?.workerId]]),
  );

describe('two deliveries of one receive', () => {
  it('are both in the history, and an answer names the one that brought it', () => {
    const first = deliver(newBatch(1), { outcomes: all(succeeded, 1) });
    const second = deliver(first.next, {
      outcomes: all(succeeded, 1),
      taskIndexes: [0],
      workerId: 'worker-2',
      atMs: 20,
    });
    expect(second.late).toEqual([0]);
    expect(history(second.next)).toEqual([
      [1, 'succeeded'],
      [2, 'late'],
    ]);
    expect(workersOf(second.next)).toEqual({
      'message-1/1': [1, 'worker-1'],
      'message-1/1/2': [2, 'worker-2'],
    });
    expect(second.next.tasks[0]).toMatchObject({ delivery: 1, workerId: 'worker-1' });
  });

  it('are told apart by their coordinators, should they have begun in the same instant', () => {
    const batch = newBatch(2);
    const mine = { ...started(batch, 1, 'worker-1'), endedAtMs: T0 + 9 };
    const { next } = commitDelivery(batch, mine, newsOf([0]), moveAt(10));
    const theirs = { ...mine, coordinatorId: 'coordinator-b' };
    expect(Object.keys(commitDelivery(next, theirs, newsOf([1]), moveAt(20)).next.deliveries)).toHaveLength(
      2,
    );
  });

  it('stay two, however often either is written again', () => {
    const batch = newBatch(2);
    const [mine, theirs] = [started(batch, 1, 'worker-1'), started(batch, 2, 'worker-2')];
    let next = batch;
    for (const atMs of [10, 20, 30]) {
      next = commitDelivery(next, { ...mine, endedAtMs: T0 + 9 }, newsOf([0]), moveAt(atMs)).next;
      next = commitDelivery(next, { ...theirs, endedAtMs: T0 + 9 }, newsOf([1]), moveAt(atMs + 1)).next;
    }
    expect(workersOf(next)).toEqual({ 'message-1/1': [1, 'worker-1'], 'message-1/1/2': [2, 'worker-2'] });
    expect(next.tasks).toMatchObject([{ delivery: 1 }, { delivery: 2 }]);
    expect(next.deliveryCount).toBe(2);
  });

  it('leave each other what is committed in parts', () => {
    const batch = newBatch(2);
    const part = commitDelivery(batch, started(batch, 1, 'worker-1'), newsOf([0]), moveAt(10));
    const other = { ...started(batch, 2, 'worker-2'), endedAtMs: T0 + 15 };
    const { next } = commitDelivery(part.next, other, newsOf([1]), moveAt(20));
    const ended = commitDelivery(next, { ...part.record, endedAtMs: T0 + 30 }, [], moveAt(30));
    expect(workersOf(ended.next)).toEqual({
      'message-1/1': [1, 'worker-1'],
      'message-1/1/2': [2, 'worker-2'],
    });
    expect(ended.next.tasks).toMatchObject([{ delivery: 1 }, { delivery: 2 }]);
  });

  it('are one where no more is known of the first than that it was received', () => {
    const lost = withLostDeliveries(newBatch(1), { messageId: 'message-1', receiveCount: 2 }, moveAt(5));
    const one = deliver(lost, { outcomes: all(failed, 1), atMs: 10 }).next;
    expect(history(one)).toEqual([[1, 'failed']]);
    const two = deliver(one, { outcomes: all(failed, 1), atMs: 20 }).next;
    expect(history(two)).toEqual([
      [1, 'failed'],
      [2, 'failed'],
    ]);
  });

  it('take different keys from the start where the second sees the first', () => {
    const batch = newBatch(1);
    const seen = withEntry(batch, started(batch, 1, 'worker-1'));
    const second = withUniqueKey(seen.deliveries, started(batch, 2, 'worker-2'));
    expect(deliveryKey(second)).toBe('message-1/1/2');
    expect(deliveryKey(withUniqueKey(withEntry(seen, second).deliveries, second))).toBe('message-1/1/2');
    expect(
      deliveryKey(withUniqueKey(withEntry(seen, second).deliveries, started(batch, 3, 'worker-3'))),
    ).toBe('message-1/1/3');
  });

  it('do not take each other for lost before the lease of the other is over', () => {
    const batch = newBatch(1);
    const seen = withEntry(batch, started(batch, 1, 'worker-1'));
    const outcomeAt = (afterMs: number) =>
      withLostDeliveries(seen, { messageId: 'message-1', receiveCount: 1 }, moveAt(afterMs)).deliveries[
        'message-1/1'
      ]?.outcome;
    expect(outcomeAt(2 * VISIBILITY_MS)).toBeUndefined();
    expect(outcomeAt(2 * VISIBILITY_MS + 2)).toBe('lost');
  });

  it('are both there when they are put back into a table that knows one of them', () => {
    const first = deliver(newBatch(2), { outcomes: { 0: succeeded, 1: failed } }).next;
    const second = deliver(newBatch(2), { outcomes: all(succeeded, 2), workerId: 'worker-2', atMs: 20 }).next;
    const merged = mergeKnown(first, second, moveAt(30));
    if (merged === undefined) throw new Error('nothing was missing');
    expect(workersOf(merged)).toEqual({ 'message-1/1': [1, 'worker-1'], 'message-1/1/2': [2, 'worker-2'] });
    expect(merged.tasks).toMatchObject([{ delivery: 1 }, { delivery: 2, workerId: 'worker-2' }]);
  });
});
