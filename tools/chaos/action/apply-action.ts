/** Does an action to a system. */
import type { ChaosSystem } from '../../kit/system/system.js';
import type { Action } from './action.js';

/** @param target one process of those that the action is for; an action without a target ignores it */
export async function applyAction(system: ChaosSystem, action: Action, target: string): Promise<void> {
  switch (action.verb) {
    case 'restart':
      return system.restart(target, { empty: action.empty === true });
    case 'fault': {
      const { faults, forMs, count } = action;
      return system.fault(target, faults, { forMs, count });
    }
    case 'latency': {
      const { delayMs, jitterMs, forMs } = action;
      return system.network({ delayMs, jitterMs, forMs });
    }
    case 'cut':
      return system.network({ cut: true, forMs: action.forMs });
    case 'empty-queue':
      return system.emptyQueue();
    case 'heal':
      await system.heal();
      return;
    case 'kill':
    case 'stop':
    case 'start':
    case 'pause':
    case 'resume':
      return system[action.verb](target);
  }
}
