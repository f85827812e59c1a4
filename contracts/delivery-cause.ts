/** What brought a delivery: the queue alone knows, and tells no more than a count. The rest follows from the history. */
import type { BatchDocument, DeliveryRecord } from './batch.js';

/**
 * - `first`: its message was received for the first time.
 * - `visibility_timeout`: the delivery before it failed, or was lost, and its time ran out.
 * - `backoff`: whoever had it before shortened that time: after a failure, or to give it back untried.
 * - `resent`: the first receive of a message that recovery sent again.
 * - `redriven`: as `first`, of tasks that were made from dead letters.
 */
export const DELIVERY_CAUSES = ['first', 'visibility_timeout', 'backoff', 'resent', 'redriven'] as const;

export type DeliveryCause = (typeof DELIVERY_CAUSES)[number];

/** As people read it. */
export const CAUSE_WORDS: Readonly<Record<DeliveryCause, string>> = {
  first: 'first',
  visibility_timeout: 'visibility timeout',
  backoff: 'back-off',
  resent: 'sent again',
  redriven: 'redriven',
};

/** How a delivery that leaves tasks open gives its message back. */
export type MessageReturn = Extract<DeliveryCause, 'visibility_timeout' | 'backoff'>;

/** A receive, as far as its cause depends on it. */
export type CausedReceive = Pick<DeliveryRecord, 'messageId' | 'receiveCount' | 'send'>;

/** @param slots that it carries */
export function deliveryCause(
  { deliveries, inputs }: Pick<BatchDocument, 'deliveries' | 'inputs'>,
  { messageId, receiveCount, send = 1 }: CausedReceive,
  slots: readonly number[],
): DeliveryCause {
  if (receiveCount > 1) {
    const before = Object.values(deliveries).findLast(
      (other) => other.messageId === messageId && other.receiveCount === receiveCount - 1,
    );
    return before?.returnedBy ?? 'visibility_timeout';
  }
  if (send > 1) return 'resent';
  return slots.every((slot) => inputs[slot]?.redriveOf !== undefined) ? 'redriven' : 'first';
}

/** The same for one of its tasks: a batch may hold redriven tasks beside others. */
export function causeOfTask(
  cause: DeliveryCause,
  input: { readonly redriveOf?: string | undefined } | undefined,
): DeliveryCause {
  if (cause !== 'first' && cause !== 'redriven') return cause;
  return input?.redriveOf === undefined ? 'first' : 'redriven';
}
