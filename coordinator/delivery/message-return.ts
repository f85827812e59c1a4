/**
 * How the message of a delivery that leaves tasks open goes back. After the death of a worker nothing shortens its
 * timeout: what did it would only take the next one. Nor does it where no answer came in time: it may be under way.
 */
import type { InvokeRecord } from '../../contracts/batch/batch.js';
import type { UncommittedOutcome } from '../batch/commit-delivery.js';
import type { MessageReturn } from '../../contracts/batch/delivery-cause.js';
import { isWorkerDeath } from '../batch/worker-death.js';
import type { DeliveryState } from './delivery-state.js';
import type { Redelivery } from './dispatch-context.js';
import { INVOKE_TIMEOUT } from './invoke-tasks.js';

export function messageReturn(
  redelivery: Redelivery,
  { invokes, uncommitted }: Pick<DeliveryState, 'invokes' | 'uncommitted'>,
): MessageReturn {
  if (redelivery === 'timeout') return 'visibility_timeout';
  const codes = [
    ...invokes.flatMap(({ record }) => codesOf(record)),
    ...uncommitted.flatMap(uncommittedCodes),
  ];
  const mustWait = codes.some((code) => code === INVOKE_TIMEOUT || isWorkerDeath(code));
  return mustWait ? 'visibility_timeout' : 'backoff';
}

function codesOf({ error, taskErrors = [] }: InvokeRecord): string[] {
  return [...(error === undefined ? [] : [error.code]), ...taskErrors.map(({ code }) => code)];
}

function uncommittedCodes({ outcomes }: UncommittedOutcome): string[] {
  return [...outcomes.values()].flatMap((outcome) =>
    outcome.status === 'failed' ? [outcome.error.code] : [],
  );
}
