/** What the verbs of `npm run chaos` do to a system. Each gives lines for people and an object for programs. */
import { describeLimits } from './describe-limits.js';
import { printStatus } from './print-status.js';
import { describeAction, type ProcessVerb } from '../kit/system/describe-action.js';
import type { ChaosSystem, NetworkFault, Target } from '../kit/system/system.js';
import { resolveTargets } from '../kit/system/targets.js';

export interface Report {
  readonly text: string;
  readonly json: object;
  /** Some of it could not be done, and the text says what. */
  readonly isIncomplete?: boolean;
}

export interface CommandParts {
  readonly system: ChaosSystem;
  readonly random: { next(): number };
}

const EMPTIED =
  'restarted empty: all its messages, tasks, answers, keys and statistics are deleted, save what the coordinator remembers and puts back';

export async function showStatus({ system }: CommandParts): Promise<Report> {
  const [processes, injected] = await Promise.all([system.processes(), system.injected()]);
  const status = { processes, injected };
  return { text: printStatus(status), json: status };
}

export async function actOn(
  { system, random }: CommandParts,
  verb: ProcessVerb,
  word: string,
  empty: boolean,
): Promise<Report> {
  const targets = resolveTargets(system, word, random);
  const states = new Map((await system.processes()).map(({ name, state }) => [name, state]));
  await Promise.all(
    targets.map((target) => (verb === 'restart' ? system.restart(target, { empty }) : system[verb](target))),
  );
  const said = (target: Target) => (empty ? EMPTIED : describeAction(verb, states.get(target)));
  const before = Object.fromEntries(targets.map((target) => [target, states.get(target)]));
  return {
    text: targets.map((target) => `${target}: ${said(target)}`).join('\n'),
    json: { verb, targets, before, empty },
  };
}

export async function setNetworkFault({ system }: CommandParts, fault: NetworkFault): Promise<Report> {
  const before = (await system.injected()).find(({ target }) => target === 'stack')?.what;
  await system.network(fault);
  const { delayMs = 0, jitterMs = 0, cut = false, forMs } = fault;
  const what = cut ? 'cut' : `latency ${delayMs}${jitterMs === 0 ? '' : `±${jitterMs}`} ms`;
  const instead = before === undefined ? '' : `, instead of ${before}`;
  return {
    text: `stack: ${what}${describeLimits({ forMs })}${instead}`,
    json: { verb: 'network', ...fault, before },
  };
}

export async function emptyQueue({ system }: CommandParts): Promise<Report> {
  await system.emptyQueue();
  return { text: 'queue: emptied', json: { verb: 'empty-queue' } };
}

export async function healAll({ system }: CommandParts): Promise<Report> {
  const healed = await system.heal();
  return {
    text: healed.length === 0 ? 'nothing to heal' : healed.join('\n'),
    json: { verb: 'heal', healed },
  };
}
