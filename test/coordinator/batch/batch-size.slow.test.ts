/** However its tasks fail, a batch stays an item that DynamoDB takes. */
import { describe, expect, it } from 'vitest';
import { batchOf } from '../../../coordinator/batch/batch-life.js';
import { isTerminal } from '../../../contracts/batch/batch-state.js';
import { commitDelivery } from '../../../coordinator/batch/commit-delivery.js';
import { needsIsolation, withLostDeliveries } from '../../../coordinator/batch/delivery-history.js';
import {
  deliveryKey,
  type BatchDocument,
  type DeliveryRecord,
  type TaskError,
} from '../../../contracts/batch/batch.js';
import { boundedError } from '../../../coordinator/batch/bounded-error.js';
import type { BatchInput } from '../../../contracts/batch/message.js';
import { asciiJson } from '../../../contracts/common/text.js';
import { itemBytes, MAX_ITEM_BYTES } from '../../support/item-bytes.js';
import { BATCH_ID, moveAt, T0, VISIBILITY_MS } from './support/batch-moves.js';

const PRODUCT_BOUND_BYTES = 200_000;
const SPARE_BYTES = 50_000;
const NOW_MS = T0 + 0.123;
const MAX_WORD = 'c'.repeat(64);

/** As large as the batcher lets it become. */
function fullBatch(tasks: number): BatchDocument {
  const input = (length: number): BatchInput => ({
    text: 'x'.repeat(length),
    requestId: 'request-1',
    acceptedAtMs: NOW_MS,
  });
  const length = Math.floor(PRODUCT_BOUND_BYTES / tasks) - asciiJson(input(0)).length - 1;
  const inputs = Array.from({ length: tasks }, () => input(length));
  const message = { batchId: BATCH_ID, batchNumber: 1, coordinatorId: 'coordinator-a', createdAtMs: NOW_MS };
  return batchOf({ version: 1, ...message, send: 1, inputs }, VISIBILITY_MS);
}

function startOf(batch: BatchDocument, receiveCount: number, alone: boolean): DeliveryRecord {
  const all = batch.tasks.map((_, slot) => slot);
  const groups = alone ? all.map((slot) => [slot]) : [all];
  return {
    messageId: '019e0000-0000-7000-8000-00000000000m',
    receiveCount,
    number: batch.deliveryCount + 1,
    coordinatorId: 'coordinator-a',
    taskIndexes: all,
    startedAtMs: NOW_MS,
    invokes: groups.map((slots) => ({ workerId: 'worker-1', taskIndexes: slots, startedAtMs: NOW_MS })),
  };
}

function failing(delivery: DeliveryRecord, error: TaskError): DeliveryRecord {
  const invokes = delivery.invokes.map((invoke) => ({
    ...invoke,
    endedAtMs: NOW_MS,
    fault: 'partial',
    error,
  }));
  return { ...delivery, endedAtMs: NOW_MS, invokes };
}

/** The batch after each of its deliveries, and with the start of the next: all failed, with that message. */
function lifeOf(tasks: number, message: string, deliveries: number): BatchDocument[] {
  const error = boundedError({ code: MAX_WORD, message }, tasks);
  const versions: BatchDocument[] = [];
  let batch = fullBatch(tasks);
  for (let receiveCount = 1; receiveCount <= deliveries; receiveCount += 1) {
    const start = startOf(batch, receiveCount, receiveCount > 2);
    const record = failing(start, error);
    const isLast = receiveCount === deliveries;
    const news = record.invokes.map(({ taskIndexes: slots }, index) => ({
      index,
      outcomes: new Map(
        slots.map((slot) => [slot, { status: 'failed', error, retryable: !isLast } as const]),
      ),
      computeMs: 1,
    }));
    versions.push({ ...batch, deliveries: { ...batch.deliveries, [deliveryKey(start)]: start } });
    batch = commitDelivery(batch, record, news, moveAt(receiveCount)).next;
    versions.push(batch);
  }
  return versions;
}

const MESSAGES = {
  ASCII: 'x'.repeat(300),
  CJK: '字'.repeat(300),
  emoji: '😀'.repeat(150),
  'control characters': '\u0001'.repeat(300),
};

describe.each(Object.entries(MESSAGES))(
  'a full batch whose tasks fail with 256 units of %s',
  (_, message) => {
    it.each([1, 22, 32, 33, 64, 65, 128, 256])('and are %i stays far under 400 KB', (tasks) => {
      for (const version of [...lifeOf(tasks, message, 5), ...lifeOf(tasks, message, 12)])
        expect(itemBytes(version)).toBeLessThan(MAX_ITEM_BYTES - SPARE_BYTES);
    });
  },
);

describe('a full batch of 256 tasks', () => {
  it('stays far under 400 KB with the first 5 and the last 45 deliveries', () => {
    for (const version of lifeOf(256, MESSAGES.CJK, 52))
      expect(itemBytes(version)).toBeLessThan(MAX_ITEM_BYTES - SPARE_BYTES);
  });
});

describe('what is cut from a history that grows too long', () => {
  it.each([33, 64, 256])('keeps none of %i tasks from travelling alone', (tasks) => {
    const last = lifeOf(tasks, MESSAGES.CJK, 10).findLast((version) => !isTerminal(version));
    expect(last && needsIsolation(last)).toBe(true);
  });

  it('is the words of old errors before it is a delivery', () => {
    const last = lifeOf(64, MESSAGES.CJK, 5).at(-1);
    expect(Object.values(last?.deliveries ?? {}).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is not taken for lost', () => {
    const last = lifeOf(64, MESSAGES.CJK, 30).at(-1);
    if (last === undefined) throw new Error('it was never delivered');
    const received = { messageId: '019e0000-0000-7000-8000-00000000000m', receiveCount: 31 };
    expect(withLostDeliveries(last, received, moveAt(40)).deliveryCount).toBe(30);
  });
});
