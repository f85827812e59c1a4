/** A step of the timeline, done to the system. */
import { setTimeout as delay } from 'node:timers/promises';
import { ChaosError, type ChaosSystem } from '../../kit/system/system.js';
import { resolveTargets } from '../../kit/system/targets.js';
import type { Action } from '../definition/action.js';

export interface Deed {
  readonly targets: readonly string[];
  /** Resolves with the way to end its effect, where that takes something. */
  readonly run: () => Promise<(() => Promise<void>) | undefined>;
  /** How long its effect lasts, from its start: Infinity until the system is healed, nothing for a moment. */
  readonly lastsMs: number | undefined;
}

const TRY_FOR_MS = 5000;
const TRY_AGAIN_AFTER_MS = 200;

/** A process that is just coming back can neither be killed nor take a fault plan yet: it is tried for a while. */
async function each(targets: readonly string[], call: (target: string) => Promise<void>): Promise<undefined> {
  const deadlineMs = performance.now() + TRY_FOR_MS;
  const patiently = async (target: string): Promise<void> => {
    for (;;) {
      try {
        await call(target);
        return;
      } catch (error) {
        if (!(error instanceof ChaosError) || performance.now() > deadlineMs) throw error;
        await delay(TRY_AGAIN_AFTER_MS);
      }
    }
  };
  await Promise.all(targets.map(patiently));
  return undefined;
}

/** `any` is drawn here. @throws ChaosError where there is no such target */
export function carryOut(
  action: Action,
  { system, random }: { readonly system: ChaosSystem; readonly random: { next(): number } },
): Deed {
  switch (action.verb) {
    case 'kill':
    case 'start':
    case 'resume': {
      const targets = resolveTargets(system, action.target, random);
      return {
        targets,
        lastsMs: undefined,
        run: () => each(targets, (target) => system[action.verb](target)),
      };
    }
    case 'restart': {
      const targets = resolveTargets(system, action.target, random);
      const options = action.empty === true ? { empty: true } : {};
      return {
        targets,
        lastsMs: undefined,
        run: () => each(targets, (target) => system.restart(target, options)),
      };
    }
    case 'stop':
    case 'pause': {
      const targets = resolveTargets(system, action.target, random);
      const back = action.verb === 'stop' ? 'start' : 'resume';
      return {
        targets,
        lastsMs: action.forMs ?? Infinity,
        run: async () => {
          await each(targets, (target) => system[action.verb](target));
          return () => each(targets, (target) => system[back](target));
        },
      };
    }
    case 'fault': {
      const targets = resolveTargets(system, action.target, random);
      const { faults, forMs, count } = action;
      return {
        targets,
        lastsMs: forMs ?? (count === undefined ? Infinity : undefined),
        run: () => each(targets, (target) => system.fault(target, faults, { forMs, count })),
      };
    }
    case 'latency': {
      const { delayMs, jitterMs, forMs } = action;
      return {
        targets: ['stack'],
        lastsMs: forMs ?? Infinity,
        run: () => system.network({ delayMs, jitterMs, forMs }).then(() => undefined),
      };
    }
    case 'cut':
      return {
        targets: ['stack'],
        lastsMs: action.forMs ?? Infinity,
        run: () => system.network({ cut: true, forMs: action.forMs }).then(() => undefined),
      };
    case 'empty-queue':
      return { targets: ['stack'], lastsMs: undefined, run: () => system.emptyQueue().then(() => undefined) };
    case 'heal':
      return { targets: [], lastsMs: undefined, run: () => system.heal().then(() => undefined) };
  }
}
