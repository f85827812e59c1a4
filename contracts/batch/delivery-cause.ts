/** The causes of a delivery. */

/**
 * - `first`: its message was received for the first time.
 * - `visibility_timeout`: the delivery before it failed, or was lost, and its time ran out.
 * - `backoff`: whoever had it before shortened that time: after a failure, or to give it back untried.
 * - `resent`: the first receive of a message that recovery sent again.
 * - `redriven`: as `first`, of tasks that were made from dead letters.
 */
export const DELIVERY_CAUSES = ['first', 'visibility_timeout', 'backoff', 'resent', 'redriven'] as const;

export type DeliveryCause = (typeof DELIVERY_CAUSES)[number];

/** How a delivery that leaves tasks open gives its message back. */
export type MessageReturn = Extract<DeliveryCause, 'visibility_timeout' | 'backoff'>;

/** Returns the cause for one task of a delivery with this cause: a batch may hold redriven tasks beside others. */
export function causeOfTask(
  cause: DeliveryCause,
  input: { readonly redriveOf?: string | undefined } | undefined,
): DeliveryCause {
  if (cause !== 'first' && cause !== 'redriven') return cause;
  return input?.redriveOf === undefined ? 'first' : 'redriven';
}
