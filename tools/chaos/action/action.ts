/**
 * The actions on a running system, and their grammar. The command line (`fault all error=0.5 --for 10s`) and
 * the steps of an experiment (`fault all error=0.5 for 10s`) share the verbs, their arguments and their limits.
 */
import type { ProcessAction } from '../../../contracts/control/control-protocol.js';
import { withItem } from '../../../contracts/worker/fault-items.js';
import {
  FAULT_PROFILES,
  FaultSyntaxError,
  faultLimitsSchema,
  parseFaults,
  type FaultLimits,
} from '../../../contracts/worker/faults.js';
import { parseDuration } from '../../kit/numbers/duration.js';
import { UsageError } from '../../kit/system/system.js';
import { TARGET_WORDS } from '../../kit/system/targets.js';

export type Action =
  | {
      readonly verb: ProcessAction;
      readonly target: string;
      readonly forMs?: number;
      readonly empty?: true;
    }
  | ({ readonly verb: 'fault'; readonly target: string; readonly faults: string } & FaultLimits)
  | ({ readonly verb: 'latency'; readonly delayMs: number; readonly jitterMs: number } & Lasting)
  | ({ readonly verb: 'cut' } & Lasting)
  | { readonly verb: 'empty-queue' }
  | { readonly verb: 'heal' };

type Lasting = Pick<FaultLimits, 'forMs'>;

export interface Argument {
  readonly name: string;
  readonly describe?: string;
  /** Absent where any word may be right. */
  readonly choices?: readonly string[];
}

export interface VerbGrammar {
  readonly describe: string;
  readonly arguments: readonly Argument[];
  /** The limits of a fault that the verb takes. */
  readonly limits: readonly (keyof FaultLimits)[];
  readonly example?: string;
}

const TARGET: Argument = { name: 'target', describe: TARGET_WORDS };
const STACK: Argument = { name: 'where', choices: ['stack'] };
const onTarget = (describe: string): VerbGrammar => ({ describe, arguments: [TARGET], limits: [] });

export const VERBS = {
  kill: onTarget('ends it at once (SIGKILL); it comes back by itself'),
  stop: onTarget('stops it; it stays down until it is started'),
  start: onTarget('starts what was stopped'),
  pause: onTarget('freezes it (SIGSTOP): it holds its connections and answers nothing'),
  resume: onTarget('lets it go on'),
  restart: onTarget('stops it and starts it again'),
  fault: {
    describe: 'sets how workers fail, such as error=0.5',
    arguments: [
      TARGET,
      { name: 'faults', describe: 'none, demo, storm, or a list such as error=0.5,delay=100±50' },
    ],
    limits: ['forMs', 'count'],
    example: 'fault worker-1 error=0.5 --for 10s',
  },
  latency: {
    describe: 'slows the network: so much is added to each request to the stack',
    arguments: [STACK, { name: 'ms', describe: 'milliseconds, such as 200 or 200±50' }],
    limits: ['forMs'],
    example: 'latency stack 200±50',
  },
  cut: {
    describe: 'cuts the network: connections to the stack are reset',
    arguments: [STACK],
    limits: ['forMs'],
  },
  empty: {
    describe: 'empties the queue, as if it had lost its messages',
    arguments: [{ name: 'what', choices: ['queue'] }],
    limits: [],
  },
  heal: {
    describe: 'undoes all of this: faults off, network sound, everything running',
    arguments: [],
    limits: [],
  },
} as const satisfies Readonly<Record<string, VerbGrammar>>;
export type Verb = keyof typeof VERBS;

/** An action as it was written, split into its parts. */
export interface ActionWords {
  readonly verb: Verb;
  /** One for each argument of the verb. */
  readonly arguments: readonly string[];
  readonly duration?: string | undefined;
  readonly count?: string | undefined;
  readonly empty?: boolean;
}

/** How the limits are called where the action was written. */
export interface LimitNames {
  readonly duration: string;
  readonly count: string;
}

/** @throws UsageError that says what was expected */
export function readAction(words: ActionWords, names: LimitNames): Action {
  const { verb, arguments: given, duration, empty = false } = words;
  const [first = '', second = ''] = given;
  switch (verb) {
    case 'fault':
      return { verb, target: first, faults: readFaults(second), ...readLimits(words, names) };
    case 'latency':
      return { verb, ...parseLatency(second), ...readLimits(words, names) };
    case 'cut':
      return { verb, ...readLimits(words, names) };
    case 'empty':
      return { verb: 'empty-queue' };
    case 'heal':
      return { verb };
    case 'kill':
    case 'stop':
    case 'start':
    case 'pause':
    case 'resume':
    case 'restart': {
      const lasting = duration === undefined ? {} : { forMs: readDuration(duration) };
      return { verb, target: first, ...lasting, ...(empty && { empty }) };
    }
  }
}

function readFaults(text: string): string {
  try {
    parseFaults(text);
    return text;
  } catch (error) {
    if (error instanceof FaultSyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

/** Limits that a worker or the stack would refuse are refused here, before anything was done. */
function readLimits({ duration, count }: ActionWords, names: LimitNames): FaultLimits {
  const parsed = faultLimitsSchema.safeParse({
    ...(duration !== undefined && { forMs: readDuration(duration) }),
    ...(count !== undefined && { count: Number(count.trim() || NaN) }),
  });
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: '' }] = parsed.error.issues;
  const given = path[0] === 'count' ? `${names.count} ${count ?? ''}` : `${names.duration} ${duration ?? ''}`;
  throw new UsageError(`${given}: ${message}`);
}

function readDuration(text: string): number {
  const ms = Math.round(parseDuration(text) ?? 0);
  if (ms < 1) throw new UsageError(`"${text}" is no duration; expected one such as 500ms, 10s or 2m`);
  return ms;
}

const NO_DELAY = { meanMs: 0, spreadMs: 0 };

/** `200±50` or `200+-50`, in milliseconds, as the fault `delay` is written. */
function parseLatency(text: string): { readonly delayMs: number; readonly jitterMs: number } {
  const { meanMs: delayMs, spreadMs: jitterMs } = readDelay(text);
  if (jitterMs <= delayMs) return { delayMs, jitterMs };
  throw new UsageError(
    `"${text}" is no latency: it would be negative; expected no more after ± than before it`,
  );
}

function readDelay(text: string) {
  try {
    return withItem(FAULT_PROFILES.none, 'delay', text.replace(/\s*ms$/, '')).delay ?? NO_DELAY;
  } catch (error) {
    if (!(error instanceof FaultSyntaxError)) throw error;
    throw new UsageError(`"${text}" is no latency; expected milliseconds, such as 200 or 200±50`);
  }
}

const STEP_EXAMPLES =
  'kill worker-1, pause any for 5s, restart stack empty, fault all error=0.5 for 10s, ' +
  'latency stack 200±50 for 5s, cut stack for 5s, empty queue, heal';
const STEP_LIMITS: LimitNames = { duration: 'for', count: 'next' };
const STEP_TARGET = /^(worker-[1-9]\d*|any|all|coordinator|stack)$/;

/** A step of an experiment: an action in words. @throws UsageError */
export function parseAction(text: string): Action {
  const [verb = '', ...words] = text.trim().split(/\s+/);
  const notAStep = new UsageError(`"${text}" is no step: expected one such as ${STEP_EXAMPLES}`);
  if (!isVerb(verb)) throw notAStep;
  const grammar: VerbGrammar = VERBS[verb];
  const duration = takeOption(words, 'for');
  const count = takeOption(words, 'next');
  const empty = verb === 'restart' && words[0] === 'stack' && words[1] === 'empty';
  if (empty) words.pop();
  grammar.arguments.forEach((argument, index) => checkArgument(verb, argument, words[index]));
  if (words.length > grammar.arguments.length) throw notAStep;
  const lasts = grammar.limits.includes('forMs') || verb === 'stop' || verb === 'pause';
  if (duration !== undefined && !lasts) throw new UsageError(`"${text}": ${verb} takes no time`);
  if (count !== undefined && !grammar.limits.includes('count')) throw notAStep;
  const action = readAction({ verb, arguments: words, duration, count, empty }, STEP_LIMITS);
  if (action.verb === 'fault' && ['coordinator', 'stack'].includes(action.target))
    throw new UsageError(`"${text}": expected a worker, any or all; the others have no fault plan`);
  return action;
}

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERBS, word);
}

/** Takes `NAME VALUE` off the end of the words. */
function takeOption(words: string[], name: string): string | undefined {
  return words.at(-2) === name ? words.splice(-2).at(-1) : undefined;
}

function checkArgument(verb: Verb, { name, choices }: Argument, word: string | undefined): void {
  const found = word === undefined ? 'nothing' : `"${word}"`;
  if (name === 'target' && !STEP_TARGET.test(word ?? ''))
    throw new UsageError(`${verb}: expected ${TARGET_WORDS}, not ${found}`);
  if (word === undefined)
    throw new UsageError(`${verb}: expected ${choices?.join(', ') ?? name}, not nothing`);
  if (choices?.includes(word) === false)
    throw new UsageError(`${verb}: there is no ${found} here; expected ${choices.join(', ')}`);
}
