/** Promise 6: what the receive count knows and the item does not is entered as lost. */
import { describe, expect, it } from 'vitest';
import { commitDelivery } from '../../../coordinator/batch/commit-delivery.js';
import { lastFailedWorkers, withLostDeliveries } from '../../../coordinator/batch/delivery-history.js';
import { deliveryKey, type BatchDocument, type DeliveryRecord } from '../../../contracts/batch/batch.js';
import {
  all,
  deliver,
  failed,
  failRepeatedly,
  history,
  moveAt,
  newBatch,
  startedDelivery,
  succeeded,
  T0,
  VISIBILITY_MS,
} from './support/batch-moves.js';

const received = (receiveCount: number, messageId = 'message-1') => ({ messageId, receiveCount });

/** The store holds this once the start of a delivery was written: its entry, and nothing else, was changed. */
function withStart(batch: BatchDocument, started: DeliveryRecord): BatchDocument {
  return { ...batch, deliveries: { ...batch.deliveries, [deliveryKey(started)]: started } };
}

describe('withLostDeliveries', () => {
  it('has nothing to enter at a first receive', () => {
    const batch = newBatch();
    expect(withLostDeliveries(batch, received(1), moveAt(5))).toEqual(batch);
  });

  it('enters one for each receive that left no record', () => {
    const seen = withLostDeliveries(newBatch(2), received(3), moveAt(5));
    expect(history(seen)).toEqual([
      [1, 'lost'],
      [2, 'lost'],
    ]);
    expect(seen.deliveryCount).toBe(2);
    expect(seen.deliveries['message-1/2']).toMatchObject({
      taskIndexes: [0, 1],
      startedAtMs: T0 + 5,
      endedAtMs: T0 + 5,
    });
  });

  it('enters none for receives that are known, and goes on from there', () => {
    const batch = failRepeatedly(newBatch(), 2);
    expect(history(withLostDeliveries(batch, received(3), moveAt(50)))).toEqual(history(batch));
    expect(history(withLostDeliveries(batch, received(5), moveAt(50)))).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'lost'],
      [4, 'lost'],
    ]);
  });

  it('tells messages apart', () => {
    const batch = failRepeatedly(newBatch(), 2);
    const seen = withLostDeliveries(batch, received(2, 'message-2'), moveAt(50));
    expect(history(seen).at(-1)).toEqual([3, 'lost']);
    expect(seen.deliveries['message-2/1']).toBeDefined();
  });

  it('gives up an earlier delivery of the message that was seen to start and not to end', () => {
    const started = startedDelivery(newBatch(), 1, {
      invokes: [{ workerId: 'worker-3', taskIndexes: [0, 1, 2], startedAtMs: T0 }],
    });
    const seen = withLostDeliveries(withStart(newBatch(), started), received(2), moveAt(40_000));
    expect(seen.deliveries['message-1/1']).toEqual({ ...started, endedAtMs: T0 + 40_000, outcome: 'lost' });
    expect(lastFailedWorkers(seen)).toEqual(new Set(['worker-3']));
  });

  it('leaves alone the delivery that is received now', () => {
    const started = startedDelivery(newBatch(), 1);
    const batch = withStart(newBatch(), started);
    expect(withLostDeliveries(batch, received(1), moveAt(40_000)).deliveries).toEqual(batch.deliveries);
  });

  it('gives up a delivery of another message only when its lease cannot live any more', () => {
    const started = startedDelivery(newBatch(), 1, { messageId: 'message-2', startedAtMs: T0 });
    const batch = withStart(newBatch(), started);
    const outcomeAt = (afterMs: number) =>
      withLostDeliveries(batch, received(1), moveAt(afterMs)).deliveries['message-2/1']?.outcome;
    expect(outcomeAt(2 * VISIBILITY_MS)).toBeUndefined();
    expect(outcomeAt(2 * VISIBILITY_MS + 1)).toBe('lost');
  });

  it('counts a delivery of which only the start is known, so that the next has a number of its own', () => {
    const batch = withStart(newBatch(), startedDelivery(newBatch(), 1));
    const { next } = deliver(batch, { outcomes: all(succeeded), receiveCount: 2, atMs: 40_000 });
    expect(history(next)).toEqual([
      [1, 'lost'],
      [2, 'succeeded'],
    ]);
    expect(next.deliveryCount).toBe(2);
  });

  it('enters what is missing before a delivery of which only the start is known', () => {
    const first = failRepeatedly(newBatch(), 1);
    const withSecondLost = withLostDeliveries(first, received(3), moveAt(20));
    const batch = withStart(first, startedDelivery(withSecondLost, 3));
    const { next } = deliver(batch, { outcomes: all(succeeded), receiveCount: 4, atMs: 40_000 });
    const outcomes = history(next).map(([, outcome]) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'lost')).toHaveLength(2);
    expect(new Set(history(next).map(([number]) => number)).size).toBe(4);
  });

  /** The writer knew nothing of the start, which leaves `rev` alone: both have number 1. */
  function unseenStart(outcomes: Parameters<typeof deliver>[1]['outcomes']) {
    const batch = newBatch(2);
    const unseen = startedDelivery(batch, 1, { messageId: 'message-2' });
    const { next } = deliver(batch, { outcomes });
    return { answered: next, both: withStart(next, unseen) };
  }

  it('gives one that is lost a number of its own where another took the same unseen', () => {
    const { both } = unseenStart({ 0: succeeded, 1: failed });
    const seen = withLostDeliveries(both, received(2, 'message-2'), moveAt(40_000));
    expect(history(seen)).toEqual([
      [1, 'failed'],
      [2, 'lost'],
    ]);
    expect(seen.deliveryCount).toBe(2);
  });

  it('leaves its number to the one that has answered, ended or not', () => {
    const { both } = unseenStart({ 0: succeeded, 1: failed });
    const answering = both.deliveries['message-1/1'];
    if (answering === undefined) throw new Error('nothing was delivered');
    const { endedAtMs: _endedAtMs, outcome: _outcome, returnedBy: _returnedBy, ...running } = answering;
    const batch = { ...both, deliveries: { ...both.deliveries, 'message-1/1': running } };
    const seen = withLostDeliveries(batch, received(1, 'message-3'), moveAt(2 * VISIBILITY_MS + 100));
    expect(seen.deliveries['message-1/1']).toMatchObject({ number: 1, outcome: 'lost' });
    expect(seen.deliveries['message-2/1']).toMatchObject({ number: 2, outcome: 'lost' });
    const again = commitDelivery(batch, running, [], moveAt(100));
    expect(again.record.number).toBe(
      again.next.tasks[0]?.status === 'succeeded' ? again.next.tasks[0].delivery : 0,
    );
  });
});

describe('a delivery that was presumed lost', () => {
  it('is replaced, under its number, by its record when that turns up', () => {
    const second = deliver(newBatch(2), { outcomes: { 0: succeeded, 1: failed }, receiveCount: 2 });
    expect(history(second.next)).toEqual([
      [1, 'lost'],
      [2, 'failed'],
    ]);
    const first = deliver(second.next, {
      outcomes: all(succeeded, 2),
      taskIndexes: [0, 1],
      receiveCount: 1,
      workerId: 'worker-zombie',
      atMs: 90,
    });
    expect(history(first.next)).toEqual([
      [1, 'succeeded'],
      [2, 'failed'],
    ]);
    expect(first).toMatchObject({ newlyTerminal: [1], late: [0], record: { number: 1 } });
    expect(first.next.tasks[1]).toMatchObject({ workerId: 'worker-zombie', delivery: 1 });
    expect(first.next.deliveryCount).toBe(2);
  });

  it('replaces its start with its record too', () => {
    const started = startedDelivery(newBatch(1), 1, {
      invokes: [{ workerId: 'worker-1', taskIndexes: [0], startedAtMs: T0 }],
    });
    const batch = withStart(newBatch(1), started);
    const news = { index: 0, outcomes: new Map([[0, succeeded]]), computeMs: 1 };
    const { next } = commitDelivery(batch, { ...started, endedAtMs: T0 + 9 }, [news], moveAt(10));
    expect(history(next)).toEqual([[1, 'succeeded']]);
  });
});

describe('the history of a batch that is delivered very often', () => {
  const numbersOf = (batch: BatchDocument) => history(batch).map(([number]) => number);
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);

  it('is whole up to fifty deliveries', () => {
    expect(numbersOf(failRepeatedly(newBatch(1), 50))).toEqual(range(1, 50));
  });

  it('holds the first 5 and the last 45 beyond, and the count of all', () => {
    const batch = failRepeatedly(newBatch(1), 64);
    expect(numbersOf(batch)).toEqual([...range(1, 5), ...range(20, 64)]);
    expect(batch.deliveryCount).toBe(64);
  });

  it('does not take what was dropped from it for lost', () => {
    const batch = failRepeatedly(newBatch(1), 64);
    const seen = withLostDeliveries(batch, received(65), moveAt(1000));
    expect(seen).toEqual(batch);
    const { next } = deliver(batch, { outcomes: all(succeeded, 1), receiveCount: 65, atMs: 1000 });
    expect(numbersOf(next)).toEqual([...range(1, 5), ...range(21, 65)]);
    expect(history(next).some(([, outcome]) => outcome === 'lost')).toBe(false);
  });

  it('does not take what was dropped from it for lost when an old delivery turns up, either', () => {
    const batch = failRepeatedly(newBatch(1), 64);
    const { next } = deliver(batch, { outcomes: all(succeeded, 1), receiveCount: 12, atMs: 1000 });
    expect(history(next).some(([, outcome]) => outcome === 'lost')).toBe(false);
  });

  it('stays within bytes, however many invokes its deliveries had, and loses no count by it', () => {
    let batch = newBatch(256);
    for (let receiveCount = 1; receiveCount <= 20; receiveCount += 1) {
      const invokes = batch.tasks.map((_, slot) => ({
        workerId: 'worker-1',
        taskIndexes: [slot],
        startedAtMs: T0,
      }));
      const record = startedDelivery(batch, receiveCount, { endedAtMs: T0 + receiveCount, invokes });
      const news = invokes.map(({ taskIndexes }, index) => ({
        index,
        outcomes: new Map(taskIndexes.map((slot) => [slot, failed])),
        computeMs: 1,
      }));
      batch = commitDelivery(batch, record, news, moveAt(receiveCount)).next;
    }
    expect(JSON.stringify(batch.deliveries).length).toBeLessThan(110_000);
    expect(batch.deliveryCount).toBe(20);
    expect(numbersOf(batch)).toContain(20);
    expect(withLostDeliveries(batch, received(21), moveAt(1000))).toEqual(batch);
  });
});
