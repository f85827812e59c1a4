/** Finds what brought a delivery: the queue tells no more than a count, so the rest follows from the history. */
import type { BatchDocument, DeliveryRecord } from '../../contracts/batch/batch.js';
import type { DeliveryCause } from '../../contracts/batch/delivery-cause.js';

/** A receive, as far as its cause depends on it. */
export type CausedReceive = Pick<DeliveryRecord, 'messageId' | 'receiveCount' | 'send'>;

/** @param taskIndexes that it carries */
export function findCause(
  { deliveries, inputs }: Pick<BatchDocument, 'deliveries' | 'inputs'>,
  { messageId, receiveCount, send = 1 }: CausedReceive,
  taskIndexes: readonly number[],
): DeliveryCause {
  if (receiveCount > 1) {
    const before = Object.values(deliveries).findLast(
      (other) => other.messageId === messageId && other.receiveCount === receiveCount - 1,
    );
    return before?.returnedBy ?? 'visibility_timeout';
  }
  if (send > 1) return 'resent';
  return taskIndexes.every((taskIndex) => inputs[taskIndex]?.redriveOf !== undefined) ? 'redriven' : 'first';
}
