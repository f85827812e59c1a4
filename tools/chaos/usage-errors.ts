/** What a person got wrong on the command line, in one line that says what is possible. */
import { FaultSyntaxError } from '../../contracts/worker/faults.js';
import { UsageError } from '../kit/system/system.js';
import { TARGET_WORDS } from '../kit/system/targets.js';

/** What stands after each verb. */
const AFTER = {
  status: '',
  kill: 'TARGET',
  stop: 'TARGET',
  start: 'TARGET',
  pause: 'TARGET',
  resume: 'TARGET',
  restart: 'TARGET',
  fault: 'TARGET FAULTS, such as: fault worker-1 error=0.5 --for 10s',
  latency: 'stack MILLISECONDS, such as: latency stack 200±50',
  cut: 'stack',
  empty: 'queue',
  run: 'EXPERIMENT, a file or a name of: npm run chaos -- experiments',
  experiments: '',
  heal: '',
} as const;
const VERBS = Object.keys(AFTER);

/** yargs' words, in ours. */
export function usageErrorOf(message: string, words: readonly string[]): UsageError {
  return new UsageError(inOneLine(message, verbOf(words)));
}

/** Nothing was asked of anybody yet: the words were wrong. */
export function isUsageError(error: unknown): boolean {
  return error instanceof UsageError || error instanceof FaultSyntaxError;
}

/** The first word that is a verb: options may stand before it. */
export function verbOf(words: readonly string[]): keyof typeof AFTER | undefined {
  return words.find((word): word is keyof typeof AFTER => VERBS.includes(word));
}

function inOneLine(message: string, verb: keyof typeof AFTER | undefined): string {
  const verbs = `the verbs are ${VERBS.join(', ')}`;
  const [, unknown] = /^Unknown (?:commands?|arguments?): (.*)$/s.exec(message) ?? [];
  if (unknown !== undefined && verb !== undefined)
    return `${verb} takes no "${unknown}"; ${verb} --help lists what it takes`;
  if (unknown !== undefined) return `there is no verb "${unknown.replace(/,.*/s, '')}"; ${verbs}`;
  if (message.startsWith('Did you mean ')) return `${message} (${verbs})`;
  if (message.startsWith('Not enough non-option arguments')) {
    if (verb === undefined) return `say what to do; ${verbs}`;
    const after: string = AFTER[verb];
    return `${verb} needs ${after}${after.startsWith('TARGET') ? `; TARGET is one of ${TARGET_WORDS}` : ''}`;
  }
  const [, valueless] = /^Not enough arguments following: (.*)$/.exec(message) ?? [];
  if (valueless !== undefined) return `--${valueless} needs a value after it`;
  const [, given, choices] = /Given: "(.*)", Choices: (.*)/.exec(message) ?? [];
  if (choices !== undefined)
    return `${verb ?? ''}: there is no "${given ?? ''}" here; expected ${choices.replaceAll('"', '')}`;
  return message.replaceAll(/\s*\n\s*/g, ' ');
}
