/** A step of the timeline, done to the system. */
import type { ChaosSystem } from '../system.js';
import { resolveTargets } from '../targets.js';
import type { Action } from './action.js';

export interface Deed {
  readonly targets: readonly string[];
  /** Resolves with the way to end its effect, where that takes something. */
  readonly run: () => Promise<(() => Promise<void>) | undefined>;
  /** How long its effect lasts, from its start: Infinity until the system is healed, nothing for a moment. */
  readonly lastsMs: number | undefined;
  /** The fault plan that must be kept in force meanwhile. */
  readonly faults?: string;
}

/** `any` is drawn here. @throws ChaosError where there is no such target */
export function carryOut(
  action: Action,
  { system, random }: { readonly system: ChaosSystem; readonly random: { next(): number } },
): Deed {
  const each = async (
    targets: readonly string[],
    call: (target: string) => Promise<void>,
  ): Promise<undefined> => {
    await Promise.all(targets.map(call));
    return undefined;
  };
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
        ...(count === undefined && { faults }),
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
