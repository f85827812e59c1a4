import type { WorkerView } from '../../../contracts/worker/worker-view.js';

/** A worker's state as the page shows it: each reason for which a worker gets no work is a state of its own. */
export type WorkerDisplayState =
  'up' | 'suspect' | 'unresponsive' | 'ejected' | 'trial' | 'draining' | 'down';

export function displayStateOf({ state, reason }: Pick<WorkerView, 'state' | 'reason'>): WorkerDisplayState {
  if (reason === 'ejected' || reason === 'trial' || reason === 'unresponsive') return reason;
  return state;
}
