/** The commands of `npm run chaos`. Each reports lines for people and an object for programs. */
import type { ProcessState } from '../../contracts/control/control-protocol.js';
import type { NetworkFaultInput } from '../../contracts/control/network-fault.js';
import type { FaultLimits } from '../../contracts/worker/faults.js';
import { printBriefDuration } from '../kit/numbers/duration.js';
import { describeAction } from '../kit/system/describe-action.js';
import { describeNetwork } from '../kit/system/fault-client.js';
import { ChaosError, UsageError, type ChaosSystem, type Target } from '../kit/system/system.js';
import { resolveTargets } from '../kit/system/targets.js';
import type { Action } from './action/action.js';
import { applyAction } from './action/apply-action.js';
import { printStatus } from './print-status.js';

export interface Report {
  readonly text: string;
  readonly json: object;
  /** Part of the command could not be done; the text says which part. */
  readonly isIncomplete?: boolean;
}

export interface CommandParts {
  readonly system: ChaosSystem;
  readonly random: { next(): number };
}

type ActionOf<Verb extends Action['verb']> = Extract<Action, { readonly verb: Verb }>;
type OnProcess = Exclude<Action, ActionOf<'fault' | 'latency' | 'cut' | 'empty-queue' | 'heal'>>;

const EMPTIED =
  'restarted empty: all its messages, tasks, answers, keys and statistics are deleted, save what the coordinator remembers and puts back';

export async function showStatus({ system }: CommandParts): Promise<Report> {
  const [processes, injected] = await Promise.all([system.processes(), system.injected()]);
  const status = { processes, injected };
  return { text: printStatus(status), json: status };
}

export async function performAction(parts: CommandParts, action: Action): Promise<Report> {
  switch (action.verb) {
    case 'fault':
      return injectFaults(parts, action);
    case 'latency':
    case 'cut':
      return setNetworkFault(parts, action);
    case 'empty-queue':
      await parts.system.emptyQueue();
      return { text: 'queue: emptied', json: { verb: action.verb } };
    case 'heal': {
      const healed = await parts.system.heal();
      const text = healed.length === 0 ? 'nothing to heal' : healed.join('\n');
      return { text, json: { verb: action.verb, healed } };
    }
    case 'kill':
    case 'stop':
    case 'start':
    case 'pause':
    case 'resume':
    case 'restart':
      return actOnProcesses(parts, action);
  }
}

async function actOnProcesses({ system, random }: CommandParts, action: OnProcess): Promise<Report> {
  const { verb, empty = false } = action;
  const targets = resolveTargets(system, action.target, random);
  const states = await statesOf(system);
  await Promise.all(targets.map((target) => applyAction(system, action, target)));
  const describe = (target: Target) => (empty ? EMPTIED : describeAction(verb, states.get(target)));
  const before = Object.fromEntries(targets.map((target) => [target, states.get(target)]));
  return {
    text: targets.map((target) => `${target}: ${describe(target)}`).join('\n'),
    json: { verb, targets, before, empty },
  };
}

async function setNetworkFault(
  { system }: CommandParts,
  { verb, ...fault }: ActionOf<'latency' | 'cut'>,
): Promise<Report> {
  const before = (await system.injected()).find(({ target }) => target === 'stack')?.what;
  const full: NetworkFaultInput = verb === 'cut' ? { cut: true, ...fault } : fault;
  await system.network(full);
  const { delayMs = 0, jitterMs = 0, forMs } = full;
  const what = describeNetwork({ delayMs, jitterMs, cut: verb === 'cut' }) ?? 'latency 0 ms';
  const instead = before === undefined ? '' : `, instead of ${before}`;
  return {
    text: `stack: ${what}${describeLimits({ forMs })}${instead}`,
    json: { verb: 'network', ...full, before },
  };
}

interface InjectionResult {
  readonly worker: Target;
  readonly set: boolean;
  /** Why the faults were not set. */
  readonly reason?: string;
}

const NOT_SET: Readonly<Partial<Record<ProcessState, string>>> = {
  stopped: 'stopped: not set',
  paused: 'paused: not set, keeps its earlier faults when it is resumed',
  restarting: 'restarting: not set, comes back with its earlier faults',
};

/** Each worker is told separately. A worker that cannot be reached keeps its faults, and the report says so. */
async function injectFaults(
  { system, random }: CommandParts,
  { verb, target: word, faults, ...limits }: ActionOf<'fault'>,
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
    json: { verb, targets, faults, ...limits, workers },
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
  // A paused worker would set the faults when it is resumed, long after the command has ended.
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

/** ` for the next 3 invokes for 20 s`; empty where there are no limits. */
function describeLimits({ count, forMs }: FaultLimits): string {
  const invokes = count === 1 ? 'invoke' : `${count ?? ''} invokes`;
  const number = count === undefined ? '' : ` for the next ${invokes}`;
  return number + (forMs === undefined ? '' : ` for ${printBriefDuration(forMs)}`);
}
