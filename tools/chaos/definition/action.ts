/** What one step of a timeline does, and the words in which it is written: `fault all error=0.5 for 10s`. */
import { FaultSyntaxError, faultLimitsSchema, parseFaults } from '../../../contracts/worker/faults.js';
import { parseDuration } from '../../kit/numbers/duration.js';

type ProcessVerb = 'kill' | 'stop' | 'start' | 'pause' | 'resume' | 'restart';

export type Action =
  | { readonly verb: ProcessVerb; readonly target: string; readonly forMs?: number; readonly empty?: true }
  | {
      readonly verb: 'fault';
      readonly target: string;
      readonly faults: string;
      readonly forMs?: number;
      readonly count?: number;
    }
  | { readonly verb: 'latency'; readonly delayMs: number; readonly jitterMs: number; readonly forMs?: number }
  | { readonly verb: 'cut'; readonly forMs?: number }
  | { readonly verb: 'empty-queue' }
  | { readonly verb: 'heal' };

/** Words that are no step; the message says what was expected. */
export class ActionSyntaxError extends Error {
  override readonly name = 'ActionSyntaxError';
}

const EXAMPLES =
  'kill worker-1, pause any for 5s, restart stack empty, fault all error=0.5 for 10s, ' +
  'latency stack 200±50 for 5s, cut stack for 5s, empty queue, heal';
const TARGET = /^(worker-[1-9]\d*|any|all|coordinator|stack)$/;

/** @throws ActionSyntaxError */
export function parseAction(text: string): Action {
  const { words, forMs } = withoutDuration(text.trim().split(/\s+/));
  const [verb = '', ...rest] = words;
  const lasting = forMs === undefined ? {} : { forMs };
  switch (verb) {
    case 'kill':
    case 'stop':
    case 'start':
    case 'pause':
    case 'resume':
    case 'restart':
      return processAction(verb, rest, lasting);
    case 'fault':
      refuseTooLong(text, lasting);
      return faultAction(rest, lasting);
    case 'latency':
      refuseTooLong(text, lasting);
      return latencyAction(rest, lasting);
    case 'cut':
      refuseTooLong(text, lasting);
      expectWords(text, rest, 'stack');
      return { verb, ...lasting };
    case 'empty':
      expectWords(text, words.slice(1), 'queue');
      refuseDuration(text, forMs);
      return { verb: 'empty-queue' };
    case 'heal':
      expectWords(text, rest);
      refuseDuration(text, forMs);
      return { verb };
    default:
      throw new ActionSyntaxError(`"${text}" is no step: expected one such as ${EXAMPLES}`);
  }
}

type Lasting = { readonly forMs?: number };

function processAction(verb: ProcessVerb, words: readonly string[], lasting: Lasting): Action {
  const [target, ...rest] = words;
  const named = { verb, target: readTarget(verb, target) };
  if (lasting.forMs !== undefined && verb !== 'stop' && verb !== 'pause') {
    throw new ActionSyntaxError(
      `${verb} takes no time: only stop and pause last, such as "pause any for 5s"`,
    );
  }
  if (verb === 'restart' && target === 'stack' && rest.join(' ') === 'empty')
    return { ...named, empty: true };
  expectWords(`${verb} ${words.join(' ')}`, rest);
  return { ...named, ...lasting };
}

function faultAction(words: readonly string[], lasting: Lasting): Action {
  const [target, faults, ...rest] = words;
  const worker = readTarget('fault', target);
  if (worker === 'coordinator' || worker === 'stack') {
    throw new ActionSyntaxError(
      `fault ${worker}: expected a worker, any or all; the others have no fault plan`,
    );
  }
  if (faults === undefined)
    throw new ActionSyntaxError(`fault ${worker}: expected faults, such as error=0.5`);
  const [next, count, ...more] = rest;
  if (rest.length > 0 && (next !== 'next' || !/^[1-9]\d{0,5}$/.test(count ?? '') || more.length > 0)) {
    throw new ActionSyntaxError(`"${rest.join(' ')}": expected "next N" or "for 10s" after the faults`);
  }
  try {
    parseFaults(faults);
  } catch (error) {
    if (error instanceof FaultSyntaxError) throw new ActionSyntaxError(error.message);
    throw error;
  }
  return { verb: 'fault', target: worker, faults, ...lasting, ...(count && { count: Number(count) }) };
}

function latencyAction(words: readonly string[], lasting: Lasting): Action {
  const [target, delay = '', ...rest] = words;
  const [, mean, jitter = '0'] = /^(\d{1,6})(?:(?:±|\+-)(\d{1,6}))?$/.exec(delay.replace(/ms$/, '')) ?? [];
  if (target !== 'stack' || mean === undefined || rest.length > 0) {
    throw new ActionSyntaxError(
      'latency: expected milliseconds of the stack, such as "latency stack 200±50"',
    );
  }
  if (Number(jitter) > Number(mean)) {
    throw new ActionSyntaxError(
      `latency: ${delay} would be negative; expected no more after ± than before it`,
    );
  }
  return { verb: 'latency', delayMs: Number(mean), jitterMs: Number(jitter), ...lasting };
}

function readTarget(verb: string, target: string | undefined): string {
  if (target !== undefined && TARGET.test(target)) return target;
  const said = target === undefined ? 'nothing' : `"${target}"`;
  throw new ActionSyntaxError(
    `${verb}: expected worker-1…n, any, all, coordinator or stack after it, not ${said}`,
  );
}

function withoutDuration(words: readonly string[]): { words: readonly string[]; forMs: number | undefined } {
  const [before, duration = ''] = words.slice(-2);
  if (before !== 'for') return { words, forMs: undefined };
  const forMs = parseDuration(duration);
  if (forMs === undefined || forMs === 0) {
    throw new ActionSyntaxError(`"for ${duration}": expected a duration such as 200ms, 5s or 2m`);
  }
  return { words: words.slice(0, -2), forMs };
}

function expectWords(text: string, words: readonly string[], ...expected: readonly string[]): void {
  if (words.join(' ') === expected.join(' ')) return;
  throw new ActionSyntaxError(`"${text}" is no step: expected one such as ${EXAMPLES}`);
}

/** What a worker, or the stack, would refuse in the middle of a run. */
function refuseTooLong(text: string, lasting: Lasting): void {
  const [problem] = faultLimitsSchema.safeParse(lasting).error?.issues ?? [];
  if (problem !== undefined) throw new ActionSyntaxError(`"${text}": ${problem.message}`);
}

function refuseDuration(text: string, forMs: number | undefined): void {
  if (forMs !== undefined) throw new ActionSyntaxError(`"${text}" takes no time`);
}
