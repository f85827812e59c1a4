/** What the verbs of `npm run chaos` do to a system. Each gives lines for people and an object for programs. */
import { printDuration } from './duration.js';
import { printStatus } from './print-status.js';
import { resolveTargets, type ChaosSystem, type FaultLimits, type NetworkFault } from './system.js';

export interface Report {
  readonly text: string;
  readonly json: object;
}

export interface CommandParts {
  readonly system: ChaosSystem;
  readonly random: { next(): number };
}

export const PROCESS_VERBS = {
  kill: 'killed; comes back by itself',
  stop: 'stopped; stays down until: start',
  start: 'running',
  pause: 'paused; holds its connections until: resume',
  resume: 'resumed',
  restart: 'restarted',
} as const;
export type ProcessVerb = keyof typeof PROCESS_VERBS;

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
  await Promise.all(
    targets.map((target) => (verb === 'restart' ? system.restart(target, { empty }) : system[verb](target))),
  );
  const said = empty ? 'restarted empty' : PROCESS_VERBS[verb];
  return { text: targets.map((target) => `${target}: ${said}`).join('\n'), json: { verb, targets, empty } };
}

export async function injectFault(
  { system, random }: CommandParts,
  word: string,
  faults: string,
  limits: FaultLimits,
): Promise<Report> {
  const targets = resolveTargets(system, word, random);
  await Promise.all(targets.map((target) => system.fault(target, faults, limits)));
  return {
    text: targets.map((target) => `${target}: ${faults}${describeLimits(limits)}`).join('\n'),
    json: { verb: 'fault', targets, faults, ...limits },
  };
}

export async function disturbNetwork({ system }: CommandParts, fault: NetworkFault): Promise<Report> {
  await system.network(fault);
  const { delayMs = 0, jitterMs = 0, cut = false, forMs } = fault;
  const what = cut ? 'cut' : `latency ${delayMs}${jitterMs === 0 ? '' : `±${jitterMs}`} ms`;
  return { text: `stack: ${what}${describeLimits({ forMs })}`, json: { verb: 'network', ...fault } };
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

function describeLimits({ count, forMs }: FaultLimits): string {
  const number = count === undefined ? '' : ` for the next ${count} invokes`;
  return number + (forMs === undefined ? '' : ` for ${printDuration(forMs)}`);
}
