/** A step of the timeline, done to the system. */
import { setTimeout as delay } from 'node:timers/promises';
import { ChaosError, type ChaosSystem } from '../../kit/system/system.js';
import { resolveTargets } from '../../kit/system/targets.js';
import type { Action } from '../definition/action.js';

export interface PlannedAction {
  readonly targets: readonly string[];
  /** Resolves with the way to end its effect, where that takes something. */
  readonly execute: () => Promise<(() => Promise<void>) | undefined>;
  /** How long its effect lasts, from its start: Infinity until the system is healed, nothing for a moment. */
  readonly lastsMs: number | undefined;
}

const RETRY_FOR_MS = 5000;
const RETRY_AFTER_MS = 200;

/** A process that is just coming back can neither be killed nor take a fault plan yet: it is tried for a while. */
async function retryEach(
  targets: readonly string[],
  call: (target: string) => Promise<void>,
): Promise<undefined> {
  const deadlineMs = performance.now() + RETRY_FOR_MS;
  const patiently = async (target: string): Promise<void> => {
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
  await Promise.all(targets.map(patiently));
  return undefined;
}

/** `any` is drawn here. @throws ChaosError where there is no such target */
export function planAction(
  action: Action,
  { system, random }: { readonly system: ChaosSystem; readonly random: { next(): number } },
): PlannedAction {
  switch (action.verb) {
    case 'kill':
    case 'start':
    case 'resume': {
      const targets = resolveTargets(system, action.target, random);
      return {
        targets,
        lastsMs: undefined,
        execute: () => retryEach(targets, (target) => system[action.verb](target)),
      };
    }
    case 'restart': {
      const targets = resolveTargets(system, action.target, random);
      const options = action.empty === true ? { empty: true } : {};
      return {
        targets,
        lastsMs: undefined,
        execute: () => retryEach(targets, (target) => system.restart(target, options)),
      };
    }
    case 'stop':
    case 'pause': {
      const targets = resolveTargets(system, action.target, random);
      const back = action.verb === 'stop' ? 'start' : 'resume';
      return {
        targets,
        lastsMs: action.forMs ?? Infinity,
        execute: async () => {
          await retryEach(targets, (target) => system[action.verb](target));
          return () => retryEach(targets, (target) => system[back](target));
        },
      };
    }
    case 'fault': {
      const targets = resolveTargets(system, action.target, random);
      const { faults, forMs, count } = action;
      return {
        targets,
        lastsMs: forMs ?? (count === undefined ? Infinity : undefined),
        execute: () => retryEach(targets, (target) => system.fault(target, faults, { forMs, count })),
      };
    }
    case 'latency': {
      const { delayMs, jitterMs, forMs } = action;
      return {
        targets: ['stack'],
        lastsMs: forMs ?? Infinity,
        execute: () => system.network({ delayMs, jitterMs, forMs }).then(() => undefined),
      };
    }
    case 'cut':
      return {
        targets: ['stack'],
        lastsMs: action.forMs ?? Infinity,
        execute: () => system.network({ cut: true, forMs: action.forMs }).then(() => undefined),
      };
    case 'empty-queue':
      return {
        targets: ['stack'],
        lastsMs: undefined,
        execute: () => system.emptyQueue().then(() => undefined),
      };
    case 'heal':
      return { targets: [], lastsMs: undefined, execute: () => system.heal().then(() => undefined) };
  }
}
