import { describe, expect, it } from 'vitest';
import { cancelTask } from '../../../coordinator/batch/batch-life.js';
import { deliveryKey, type BatchDocument, type DeliveryRecord } from '../../../contracts/batch/batch.js';
import { taskAnswer, taskView } from '../../../contracts/http/task-view.js';
import { isTerminalStatus, TASK_STATUSES } from '../../../contracts/batch/task-status.js';
import {
  all,
  BATCH_ID,
  deliver,
  failed,
  failedForGood,
  moveAt,
  newBatch,
  startedDelivery,
  succeeded,
  T0,
} from '../../coordinator/batch/support/batch-moves.js';

const iso = (afterMs: number) => new Date(T0 + afterMs).toISOString();

function withDelivery(batch: BatchDocument, delivery: DeliveryRecord): BatchDocument {
  return { ...batch, deliveries: { ...batch.deliveries, [deliveryKey(delivery)]: delivery } };
}

describe('taskView', () => {
  it('shows a task that waits', () => {
    expect(taskView(newBatch(), 2)).toEqual({
      taskId: `${BATCH_ID}-2`,
      batchId: BATCH_ID,
      requestId: 'request-2',
      status: 'queued',
      text: 'text 2',
      createdAt: iso(0),
      deliveries: 0,
      sends: 1,
      history: [],
    });
  });

  it('shows a task that runs, and its neighbour that does not', () => {
    const invokes = [{ workerId: 'worker-2', taskIndexes: [1], startedAtMs: T0 + 3 }];
    const batch = withDelivery(newBatch(2), startedDelivery(newBatch(2), 1, { taskIndexes: [1], invokes }));
    expect(taskView(batch, 0)).toMatchObject({ status: 'queued', history: [] });
    expect(taskView(batch, 1)).toMatchObject({
      status: 'running',
      deliveries: 1,
      history: [{ number: 1, workerId: 'worker-2', startedAt: iso(3) }],
    });
    expect(taskView(batch, 1).history[0]).not.toHaveProperty('endedAt');
    expect(taskView(batch, 1).history[0]).not.toHaveProperty('outcome');
  });

  it('shows an answer with its worker and its times, rounded to tenths', () => {
    const batch = newBatch(1);
    const inputs = batch.inputs.map((input) => ({ ...input, acceptedAtMs: T0 - 0.06 }));
    const { next } = deliver({ ...batch, inputs }, { outcomes: all(succeeded, 1) });
    const view = taskView(next, 0);
    expect(view).toMatchObject({
      status: 'succeeded',
      label: 'POSITIVE',
      score: 0.9,
      workerId: 'worker-1',
      deliveries: 1,
      timings: { queueMs: 5.1, computeMs: 2.5, totalMs: 10.1 },
      finishedAt: iso(10),
    });
    expect(view.history).toEqual([
      { number: 1, workerId: 'worker-1', startedAt: iso(5), endedAt: iso(10), outcome: 'succeeded' },
    ]);
  });

  it('shows the last failure of a task that goes round again', () => {
    const { next } = deliver(newBatch(1), { outcomes: all(failed, 1) });
    expect(taskView(next, 0)).toMatchObject({
      status: 'queued',
      error: { code: 'http_500', message: 'planned' },
      deliveries: 1,
    });
  });

  it('shows a failure for good', () => {
    const { next } = deliver(newBatch(1), { outcomes: all(failedForGood, 1) });
    const view = taskView(next, 0);
    expect(view).toMatchObject({ status: 'failed', error: { code: 'http_500' }, timings: { totalMs: 10 } });
    expect(view).not.toHaveProperty('label');
    expect(view).not.toHaveProperty('workerId');
  });

  it('shows a task that was cancelled', () => {
    const next = cancelTask(newBatch(1), 0, moveAt(7));
    expect(taskView(next as BatchDocument, 0)).toMatchObject({
      status: 'cancelled',
      timings: { totalMs: 7 },
      finishedAt: iso(7),
    });
  });

  it('shows the deadline where there is one', () => {
    const batch = newBatch(1);
    const inputs = batch.inputs.map((input) => ({ ...input, deadlineAtMs: T0 + 500 }));
    expect(taskView({ ...batch, inputs }, 0).deadlineAt).toBe(iso(500));
    expect(taskView(batch, 0)).not.toHaveProperty('deadlineAt');
  });

  it('refuses a slot that the batch does not have', () => {
    expect(() => taskView(newBatch(1), 1)).toThrow(RangeError);
    expect(() => taskAnswer(newBatch(1), -1)).toThrow(RangeError);
  });
});

describe('the history of a task', () => {
  it('holds the deliveries that carried it, in the order of their numbers, each with its own outcome', () => {
    const first = deliver(newBatch(2), { outcomes: { 0: succeeded, 1: failed }, workerId: 'worker-3' }).next;
    const { next } = deliver(first, { outcomes: { 1: succeeded }, receiveCount: 2, atMs: 20 });
    const outcomes = (slot: number) =>
      taskView(next, slot).history.map(({ number, outcome }) => [number, outcome]);
    expect(outcomes(0)).toEqual([[1, 'succeeded']]);
    expect(outcomes(1)).toEqual([
      [1, 'failed'],
      [2, 'succeeded'],
    ]);
    expect(taskAnswer(next, 1).deliveries).toBe(2);
    expect(
      taskView({ ...next, deliveries: Object.fromEntries(Object.entries(next.deliveries).reverse()) }, 1),
    ).toEqual(taskView(next, 1));
  });

  it('tells the injected fault and the error of the invoke that carried it', () => {
    const record = startedDelivery(newBatch(2), 1, {
      endedAtMs: T0 + 30,
      outcome: 'failed',
      invokes: [
        {
          workerId: 'worker-1',
          taskIndexes: [0],
          startedAtMs: T0 + 1,
          endedAtMs: T0 + 9,
          outcome: 'succeeded',
        },
        {
          workerId: 'worker-2',
          taskIndexes: [1],
          startedAtMs: T0 + 2,
          endedAtMs: T0 + 30,
          outcome: 'failed',
          fault: 'crash',
          error: { code: 'connection_lost', message: 'reset' },
        },
      ],
    });
    const batch = withDelivery(newBatch(2), record);
    expect(taskView(batch, 1).history).toEqual([
      {
        number: 1,
        workerId: 'worker-2',
        startedAt: iso(2),
        endedAt: iso(30),
        outcome: 'failed',
        fault: 'crash',
        error: { code: 'connection_lost', message: 'reset' },
      },
    ]);
    expect(taskView(batch, 0).history[0]).toMatchObject({ workerId: 'worker-1', outcome: 'succeeded' });
    expect(taskView(batch, 0).history[0]).not.toHaveProperty('fault');
  });

  it('knows no worker of a delivery that left no record', () => {
    const { next } = deliver(newBatch(1), { outcomes: all(succeeded, 1), receiveCount: 2 });
    const [lost] = taskView(next, 0).history;
    expect(lost).toMatchObject({ number: 1, outcome: 'lost' });
    expect(lost).not.toHaveProperty('workerId');
  });
});

describe('isFinalStatus', () => {
  it('holds of the four states that never change', () => {
    expect(TASK_STATUSES.filter(isTerminalStatus)).toEqual(['succeeded', 'failed', 'expired', 'cancelled']);
  });
});
