/** The cause of a delivery follows from its receive and from the history; lost deliveries have a cause, too. */
import { describe, expect, it } from 'vitest';
import { findCause } from '../../../coordinator/batch/find-cause.js';
import { withLostDeliveries } from '../../../coordinator/batch/delivery-history.js';
import { deliveryKey, type BatchDocument, type DeliveryRecord } from '../../../contracts/batch/batch.js';
import { taskView } from '../../../contracts/http/task-view.js';
import { moveAt, newBatch, startedDelivery, T0 } from './support/batch-moves.js';

const received = (receiveCount: number, send?: number) => ({
  messageId: 'message-1',
  receiveCount,
  ...(send === undefined ? {} : { send }),
});

function withEnded(batch: BatchDocument, receiveCount: number, overrides: Partial<DeliveryRecord>) {
  const ended = startedDelivery(batch, receiveCount, { endedAtMs: T0, outcome: 'failed', ...overrides });
  return {
    ...batch,
    deliveries: { ...batch.deliveries, [deliveryKey(ended)]: ended },
    deliveryCount: receiveCount,
  };
}

const causes = (batch: BatchDocument) => Object.values(batch.deliveries).map(({ cause }) => cause);
const redrivenIn = (batch: BatchDocument, ...slots: number[]): BatchDocument => ({
  ...batch,
  inputs: batch.inputs.map((input, slot) =>
    slots.includes(slot) ? { ...input, redriveOf: 'old-0' } : input,
  ),
});

describe('the cause of a delivery', () => {
  it('is the first receive of a message, or of one that was sent again', () => {
    expect(findCause(newBatch(), received(1), [0])).toBe('first');
    expect(findCause(newBatch(), received(1, 2), [0])).toBe('resent');
  });

  it('is how the delivery before gave the message back', () => {
    const backedOff = withEnded(newBatch(), 1, { returnedBy: 'backoff' });
    expect(findCause(backedOff, received(2), [0])).toBe('backoff');
    const left = withEnded(backedOff, 2, { returnedBy: 'visibility_timeout' });
    expect(findCause(left, received(3), [0])).toBe('visibility_timeout');
    expect(findCause(left, received(2, 2), [0])).toBe('backoff');
  });

  it('is the visibility timeout where nobody said anything, as in what earlier versions stored', () => {
    expect(findCause(newBatch(), received(2), [0])).toBe('visibility_timeout');
    expect(findCause(withEnded(newBatch(), 1, {}), received(2), [0])).toBe('visibility_timeout');
  });

  it('is another message only for itself', () => {
    const backedOff = withEnded(newBatch(), 1, { returnedBy: 'backoff', messageId: 'another' });
    expect(findCause(backedOff, received(2), [0])).toBe('visibility_timeout');
  });

  it('is told of lost deliveries, when they are entered', () => {
    expect(causes(withLostDeliveries(newBatch(), received(3), moveAt(5)))).toEqual([
      'first',
      'visibility_timeout',
    ]);
    expect(causes(withLostDeliveries(newBatch(), received(2, 2), moveAt(5)))).toEqual(['resent']);
    const backedOff = { ...withEnded(newBatch(), 1, { returnedBy: 'backoff', cause: 'first' }) };
    expect(causes(withLostDeliveries(backedOff, received(3), moveAt(5)))).toEqual(['first', 'backoff']);
  });

  it('is redriven for tasks that were made from dead letters, each for itself', () => {
    expect(findCause(redrivenIn(newBatch(2), 0, 1), received(1), [0, 1])).toBe('redriven');
    const mixed = redrivenIn(newBatch(2), 1);
    const cause = findCause(mixed, received(1), [0, 1]);
    const batch = withEnded(mixed, 1, { cause, taskIndexes: [0, 1] });
    expect([0, 1].map((slot) => taskView(batch, slot).history[0]?.cause)).toEqual(['first', 'redriven']);
  });

  it('is absent of old items', () => {
    const [entry] = taskView(withEnded(newBatch(), 1, {}), 0).history;
    expect(entry).not.toHaveProperty('cause');
  });
});
