/** An action of the timeline, planned for the processes of one system. */
import { setTimeout as delay } from 'node:timers/promises';
import { ChaosError, type ChaosSystem } from '../../kit/system/system.js';
import { resolveTargets } from '../../kit/system/targets.js';
import type { Action } from '../action/action.js';
import { applyAction } from '../action/apply-action.js';

export interface PlannedAction {
  readonly targets: readonly string[];
  /** Resolves with a function that ends the effect, where the effect does not end by itself. */
  readonly execute: () => Promise<(() => Promise<void>) | undefined>;
  /** How long the effect lasts from its start; Infinity until the system is healed, absent for a moment. */
  readonly lastsMs: number | undefined;
}

const UNDONE_BY = { stop: 'start', pause: 'resume' } as const;
const RETRY_FOR_MS = 5000;
const RETRY_AFTER_MS = 200;

/** Draws `any`. @throws ChaosError where there is no such target */
export function planAction(
  action: Action,
  { system, random }: { readonly system: ChaosSystem; readonly random: { next(): number } },
): PlannedAction {
  const targets = targetsOf(action, system, random);
  return {
    targets,
    lastsMs: durationOf(action),
    execute: async () => {
      if (!('target' in action)) {
        await applyAction(system, action, '');
        return undefined;
      }
      await retryEach(targets, (target) => applyAction(system, action, target));
      if (action.verb !== 'stop' && action.verb !== 'pause') return undefined;
      const undo = UNDONE_BY[action.verb];
      return () => retryEach(targets, (target) => system[undo](target));
    },
  };
}

function targetsOf(action: Action, system: ChaosSystem, random: { next(): number }): readonly string[] {
  if ('target' in action) return resolveTargets(system, action.target, random);
  return action.verb === 'heal' ? [] : ['stack'];
}

function durationOf(action: Action): number | undefined {
  switch (action.verb) {
    case 'stop':
    case 'pause':
    case 'latency':
    case 'cut':
      return action.forMs ?? Infinity;
    case 'fault':
      return action.forMs ?? (action.count === undefined ? Infinity : undefined);
    case 'kill':
    case 'start':
    case 'resume':
    case 'restart':
    case 'empty-queue':
    case 'heal':
      return undefined;
  }
}

/** A process that is just coming back can neither be killed nor take a fault plan yet: the call is repeated for a while. */
async function retryEach(targets: readonly string[], call: (target: string) => Promise<void>): Promise<void> {
  const deadlineMs = performance.now() + RETRY_FOR_MS;
  const retry = async (target: string): Promise<void> => {
    for (;;) {
      try {
        await call(target);
        return;
      } catch (error) {
        if (!(error instanceof ChaosError) || performance.now() > deadlineMs) throw error;
        await delay(RETRY_AFTER_MS);
      }
    }
  };
  await Promise.all(targets.map(retry));
}
