import { describe, expect, it } from 'vitest';
import { batchOf, messageOfBatch } from '../../../coordinator/batch/batch-life.js';
import { isTerminal, openTaskIndexes } from '../../../contracts/batch/batch-state.js';
import { commitDelivery } from '../../../coordinator/batch/commit-delivery.js';
import { lastFailedWorkers, needsIsolation } from '../../../coordinator/batch/delivery-history.js';
import { deliveryKey } from '../../../contracts/batch/batch.js';
import {
  all,
  deliver,
  expired,
  failed,
  failRepeatedly,
  history,
  failedForGood,
  moveAt,
  newBatch,
  released,
  startedDelivery,
  succeeded,
  T0,
  VISIBILITY_MS,
} from './support/batch-moves.js';

describe('batchOf', () => {
  it('makes of a message a batch whose tasks are all open, and the message can be made of it again', () => {
    const batch = newBatch(2);
    expect(batch).toMatchObject({
      tasks: [
        { status: 'open', failedAlone: 0 },
        { status: 'open', failedAlone: 0 },
      ],
      deliveryCount: 0,
      rev: 1,
      sends: 1,
      touchedAtMs: T0,
      dueAtMs: T0 + 2 * VISIBILITY_MS,
    });
    expect(batchOf(messageOfBatch(batch), VISIBILITY_MS)).toEqual(batch);
  });
});

describe('commitDelivery', () => {
  it('enters the answers and the delivery that brought them', () => {
    const { next, record, newlyTerminal, late } = deliver(newBatch(2), { outcomes: all(succeeded, 2) });
    expect(newlyTerminal).toEqual([0, 1]);
    expect(late).toEqual([]);
    expect(isTerminal(next)).toBe(true);
    expect(next.tasks[1]).toEqual({
      ...succeeded,
      workerId: 'worker-1',
      delivery: 1,
      queueMs: 5,
      computeMs: 2.5,
      finishedAtMs: T0 + 10,
      totalMs: 10,
    });
    expect(next.deliveryCount).toBe(1);
    expect(next.deliveries).toEqual({ 'message-1/1': record });
    expect(record).toMatchObject({ number: 1, outcome: 'succeeded', invokes: [{ outcome: 'succeeded' }] });
  });

  it('changes nothing of the document it was given', () => {
    const batch = newBatch();
    const before = structuredClone(batch);
    deliver(batch, { outcomes: all(succeeded) });
    expect(batch).toEqual(before);
  });

  it('keeps what was answered where others failed, and leaves only those open', () => {
    const { next, record, newlyTerminal } = deliver(newBatch(), {
      outcomes: { 0: succeeded, 1: failed, 2: succeeded },
    });
    expect(newlyTerminal).toEqual([0, 2]);
    expect(openTaskIndexes(next)).toEqual([1]);
    expect(next.tasks[1]).toEqual({
      status: 'open',
      failedAlone: 0,
      lastError: { code: 'http_500', message: 'planned' },
    });
    expect(record).toMatchObject({
      outcome: 'failed',
      invokes: [{ outcome: ['succeeded', 'failed', 'succeeded'] }],
    });
  });

  it('makes a failure final at once where it must not be retried', () => {
    const { next, newlyTerminal } = deliver(newBatch(1), { outcomes: { 0: failedForGood } });
    expect(newlyTerminal).toEqual([0]);
    expect(next.tasks[0]).toEqual({
      status: 'failed',
      error: { code: 'http_500', message: 'planned' },
      finishedAtMs: T0 + 10,
      totalMs: 10,
    });
  });

  it('closes what expired before the model, as no failure of the delivery', () => {
    const { next, record } = deliver(newBatch(1), { outcomes: { 0: expired } });
    expect(next.tasks[0]).toMatchObject({ status: 'expired', totalMs: 10 });
    expect(record.outcome).toBe('released');
  });

  it('leaves what was not tried as it was', () => {
    const batch = newBatch(1);
    const { next, record, newlyTerminal } = deliver(batch, { outcomes: { 0: released } });
    expect(next.tasks).toEqual(batch.tasks);
    expect(newlyTerminal).toEqual([]);
    expect(record.outcome).toBe('released');
  });

  it('takes a task that no outcome names as not tried', () => {
    const batch = newBatch(2);
    const invokes = [{ workerId: 'worker-1', taskIndexes: [0, 1], startedAtMs: T0 }];
    const delivery = startedDelivery(batch, 1, { invokes });
    const news = { index: 0, outcomes: new Map([[0, succeeded]]), computeMs: 1 };
    const { next, record } = commitDelivery(batch, delivery, [news], moveAt(10));
    expect(openTaskIndexes(next)).toEqual([1]);
    expect(record.invokes[0]?.outcome).toEqual(['succeeded', 'released']);
  });

  it('ignores news of an invoke that the delivery does not have', () => {
    const batch = newBatch(1);
    const news = { index: 4, outcomes: new Map([[0, succeeded]]), computeMs: 1 };
    expect(commitDelivery(batch, startedDelivery(batch, 1), [news], moveAt(10)).newlyTerminal).toEqual([]);
  });

  it('enters an answer for a task that is final as late, and only that', () => {
    const { next: first } = deliver(newBatch(2), { outcomes: { 0: succeeded, 1: failed }, receiveCount: 1 });
    const other = { ...succeeded, label: 'NEGATIVE' } as const;
    const second = deliver(first, {
      outcomes: { 0: other, 1: other },
      taskIndexes: [0, 1],
      receiveCount: 2,
      workerId: 'worker-2',
      atMs: 50,
    });
    expect(second.late).toEqual([0]);
    expect(second.newlyTerminal).toEqual([1]);
    expect(second.next.tasks[0]).toBe(first.tasks[0]);
    expect(second.next.tasks[1]).toMatchObject({ label: 'NEGATIVE', workerId: 'worker-2', delivery: 2 });
    expect(second.record).toMatchObject({
      outcome: 'succeeded',
      invokes: [{ outcome: ['late', 'succeeded'] }],
    });
  });

  it('knows its own answer again where so many wrote since that its write id is forgotten', () => {
    const { next, record } = deliver(newBatch(1), { outcomes: all(succeeded, 1) });
    const forgotten = { ...next, writeIds: [] };
    const news = [{ index: 0, outcomes: new Map([[0, succeeded]]), computeMs: 2.5 }];
    const again = commitDelivery(forgotten, record, news, moveAt(5000));
    expect(again.late).toEqual([]);
    expect(again.record).toMatchObject({
      number: 1,
      outcome: 'succeeded',
      invokes: [{ outcome: 'succeeded' }],
    });
    expect(again.next.tasks).toEqual(next.tasks);
  });

  it('calls a delivery late whose every answer came too late', () => {
    const { next } = deliver(newBatch(1), { outcomes: all(succeeded, 1), receiveCount: 2 });
    const zombie = deliver(next, {
      outcomes: all(succeeded, 1),
      taskIndexes: [0],
      receiveCount: 1,
      atMs: 99,
    });
    expect(zombie).toMatchObject({ late: [0], newlyTerminal: [], record: { outcome: 'late' } });
    expect(zombie.next.tasks).toEqual(next.tasks);
  });

  it('counts no failure that comes for a final task as late', () => {
    const { next } = deliver(newBatch(1), { outcomes: all(succeeded, 1) });
    const second = deliver(next, { outcomes: all(failed, 1), taskIndexes: [0], receiveCount: 2, atMs: 20 });
    expect(second).toMatchObject({ late: [], record: { outcome: 'failed' } });
    expect(second.next.tasks[0]).toBe(next.tasks[0]);
  });

  it('does not name the outcome of a delivery that still runs', () => {
    const batch = newBatch(2);
    const invokes = [
      { workerId: 'worker-1', taskIndexes: [0], startedAtMs: T0 },
      { workerId: 'worker-2', taskIndexes: [1], startedAtMs: T0 },
    ];
    const delivery = startedDelivery(batch, 1, { invokes });
    const news = { index: 0, outcomes: new Map([[0, succeeded]]), computeMs: 1 };
    const { next, record } = commitDelivery(batch, delivery, [news], moveAt(10));
    expect(record.outcome).toBeUndefined();
    expect(record.invokes[1]).toEqual(invokes[1]);
    expect(openTaskIndexes(next)).toEqual([1]);
  });

  it('keeps the number of a delivery that is committed in parts', () => {
    const batch = newBatch(2);
    const invokes = [0, 1].map((slot) => ({
      workerId: `worker-${slot}`,
      taskIndexes: [slot],
      startedAtMs: T0,
    }));
    const delivery = startedDelivery(batch, 1, { invokes });
    const part = (slot: number) => ({ index: slot, outcomes: new Map([[slot, succeeded]]), computeMs: 1 });
    const first = commitDelivery(batch, delivery, [part(0)], moveAt(10));
    const ended = { ...first.record, endedAtMs: T0 + 20 };
    const second = commitDelivery(first.next, ended, [part(1)], moveAt(20));
    expect(second.next.deliveryCount).toBe(1);
    expect(history(second.next)).toEqual([[1, 'succeeded']]);
    expect(isTerminal(second.next)).toBe(true);
  });

  it('numbers deliveries from 1 in the order in which they became known, whatever message brought them', () => {
    const first = deliver(newBatch(1), { outcomes: all(failed, 1), messageId: 'message-1' }).next;
    const second = deliver(first, { outcomes: all(failed, 1), messageId: 'message-2', atMs: 20 }).next;
    const third = deliver(second, { outcomes: all(succeeded, 1), receiveCount: 2, atMs: 30 }).next;
    expect(history(third)).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'succeeded'],
    ]);
  });

  it('gives each delivery a number of its own where two started unseen by each other', () => {
    const batch = newBatch(2);
    const mine = startedDelivery(batch, 1, { startedAtMs: T0 + 5 });
    const theirs = startedDelivery(batch, 1, { messageId: 'message-2', startedAtMs: T0 + 15 });
    expect(theirs.number).toBe(mine.number);
    const starts = Object.fromEntries([mine, theirs].map((start) => [deliveryKey(start), start]));
    const first = deliver({ ...batch, deliveries: starts }, { outcomes: { 0: succeeded, 1: failed } }).next;
    const second = deliver(first, { outcomes: all(failed, 2), messageId: 'message-2', atMs: 20 }).next;
    const numbers = Object.values(second.deliveries).map(({ number }) => number);
    expect(numbers.toSorted()).toEqual([1, 2]);
    expect(second.deliveryCount).toBe(2);
    expect(second.tasks[0]).toMatchObject({ delivery: second.deliveries['message-1/1']?.number });
  });
});

describe('failedAlone', () => {
  it('counts failed invokes that held the task alone, and no others', () => {
    const together = deliver(newBatch(2), { outcomes: all(failed, 2) }).next;
    expect(together.tasks[0]).toMatchObject({ failedAlone: 0 });
    const alone = deliver(together, {
      outcomes: { 0: failed },
      taskIndexes: [0],
      receiveCount: 2,
      atMs: 20,
    }).next;
    const again = deliver(alone, {
      outcomes: { 0: failed },
      taskIndexes: [0],
      receiveCount: 3,
      atMs: 30,
    }).next;
    expect(again.tasks).toMatchObject([{ failedAlone: 2 }, { failedAlone: 0 }]);
  });
});

describe('needsIsolation', () => {
  it('says so after two failed or lost deliveries', () => {
    expect(needsIsolation(newBatch())).toBe(false);
    expect(needsIsolation(failRepeatedly(newBatch(), 1))).toBe(false);
    expect(needsIsolation(failRepeatedly(newBatch(), 2))).toBe(true);
    const failedAndLost = deliver(newBatch(), { outcomes: all(failed), receiveCount: 2 }).next;
    expect(history(failedAndLost).map(([, outcome]) => outcome)).toEqual(['lost', 'failed']);
    expect(needsIsolation(failedAndLost)).toBe(true);
  });

  it('does not count deliveries that were given back or came late', () => {
    let batch = newBatch();
    for (const receiveCount of [1, 2, 3]) {
      batch = deliver(batch, { outcomes: {}, receiveCount, atMs: receiveCount }).next;
    }
    expect(needsIsolation(batch)).toBe(false);
  });
});

describe('lastFailedWorkers', () => {
  const failedAt = (workerId: string, receiveCount: number) => ({
    outcomes: all(failed),
    workerId,
    receiveCount,
    atMs: 10 * receiveCount,
  });

  it('are those of the latest delivery that ended', () => {
    expect(lastFailedWorkers(newBatch())).toEqual(new Set());
    const first = deliver(newBatch(), failedAt('worker-1', 1)).next;
    expect(lastFailedWorkers(first)).toEqual(new Set(['worker-1']));
    const second = deliver(first, failedAt('worker-2', 2)).next;
    expect(lastFailedWorkers(second)).toEqual(new Set(['worker-2']));
    const running = startedDelivery(second, 3, {
      invokes: [{ workerId: 'worker-3', taskIndexes: [0], startedAtMs: T0 }],
    });
    const withRunning = { ...second, deliveries: { ...second.deliveries, [deliveryKey(running)]: running } };
    expect(lastFailedWorkers(withRunning)).toEqual(new Set(['worker-2']));
  });

  it('do not include the workers of that delivery that answered', () => {
    const batch = newBatch(3);
    const invokes = ['worker-1', 'worker-2', 'worker-3'].map((workerId, slot) => ({
      workerId,
      taskIndexes: [slot],
      startedAtMs: T0,
      endedAtMs: T0 + 5,
    }));
    const delivery = startedDelivery(batch, 1, { invokes, endedAtMs: T0 + 5 });
    const news = [succeeded, failed, succeeded].map((outcome, index) => ({
      index,
      outcomes: new Map([[index, outcome]]),
      computeMs: 1,
    }));
    const { next } = commitDelivery(batch, delivery, news, moveAt(10));
    expect(lastFailedWorkers(next)).toEqual(new Set(['worker-2']));
  });
});
