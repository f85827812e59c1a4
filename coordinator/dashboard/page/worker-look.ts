import type { WorkerView } from '../../../contracts/worker/worker-view.js';

/** A worker's state as the page tells it: why it gets no work is a state of its own. */
export type WorkerLook = 'up' | 'suspect' | 'unresponsive' | 'ejected' | 'trial' | 'draining' | 'down';

export function lookOf({ state, reason }: Pick<WorkerView, 'state' | 'reason'>): WorkerLook {
  if (reason === 'ejected' || reason === 'trial' || reason === 'unresponsive') return reason;
  return state;
}
