/** `fault`: each worker is told by itself. One that cannot be told keeps what it has, and that is said. */
import type { CommandParts, Report } from './commands.js';
import { describeLimits } from './describe-limits.js';
import {
  ChaosError,
  UsageError,
  type ChaosSystem,
  type FaultLimits,
  type ProcessState,
  type Target,
} from '../kit/system/system.js';
import { resolveTargets } from '../kit/system/targets.js';

interface InjectionResult {
  readonly worker: Target;
  readonly set: boolean;
  /** Why it was not set. */
  readonly reason?: string;
}

const NOT_SET: Readonly<Partial<Record<ProcessState, string>>> = {
  stopped: 'stopped: not set',
  paused: 'paused: not set, goes on with its faults of before',
  restarting: 'restarting: not set, comes back with its faults of before',
};

export async function injectFault(
  { system, random }: CommandParts,
  word: string,
  faults: string,
  limits: FaultLimits,
): Promise<Report> {
  const targets = resolveTargets(system, word, random);
  for (const target of targets) {
    if (system.workers.some(({ id }) => id === target)) continue;
    throw new UsageError(`${target} is no worker: only workers inject faults`);
  }
  const states = await statesOf(system);
  const workers = await Promise.all(
    targets.map((target) => injectInto(system, target, states.get(target), faults, limits)),
  );
  const lineOf = ({ worker, reason }: InjectionResult) =>
    `${worker}: ${reason ?? `${faults}${describeLimits(limits)}`}`;
  return {
    text: workers.map(lineOf).join('\n'),
    json: { verb: 'fault', targets, faults, ...limits, workers },
    isIncomplete: workers.some(({ set }) => !set),
  };
}

async function injectInto(
  system: ChaosSystem,
  worker: Target,
  state: ProcessState | undefined,
  faults: string,
  limits: FaultLimits,
): Promise<InjectionResult> {
  // A frozen one would take the words when it thaws, long after nobody waits for them.
  if (state === 'stopped' || state === 'paused') return { worker, set: false, reason: NOT_SET[state] ?? '' };
  try {
    await system.fault(worker, faults, limits);
    return { worker, set: true };
  } catch (error) {
    if (!(error instanceof ChaosError)) throw error;
    const now = (await statesOf(system)).get(worker);
    const known = now === undefined ? undefined : NOT_SET[now];
    return { worker, set: false, reason: known ?? `not set: ${error.message}` };
  }
}

async function statesOf(system: ChaosSystem): Promise<ReadonlyMap<Target, ProcessState>> {
  return new Map((await system.processes()).map(({ name, state }) => [name, state]));
}
