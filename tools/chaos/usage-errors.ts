/** Mistakes on the command line, each described in one line that says what is possible. */
import { UsageError } from '../kit/system/system.js';
import { TARGET_WORDS } from '../kit/system/targets.js';
import { isVerb, VERBS as ACTION_VERBS, type VerbGrammar } from './action/action.js';

/** In the order of the help. */
const VERBS = [
  'status',
  ...Object.keys(ACTION_VERBS).filter((verb) => verb !== 'heal'),
  'run',
  'experiments',
  'heal',
];
const RUN_NEEDS = 'EXPERIMENT, a file or a name of: npm run chaos -- experiments';

/** Rewrites a message of yargs. */
export function usageErrorOf(message: string, words: readonly string[]): UsageError {
  return new UsageError(inOneLine(message, verbOf(words)));
}

/** The first word that is a verb: options may stand before it. */
export function verbOf(words: readonly string[]): string | undefined {
  return words.find((word) => VERBS.includes(word));
}

function inOneLine(message: string, verb: string | undefined): string {
  const verbs = `the verbs are ${VERBS.join(', ')}`;
  const [, unknown] = /^Unknown (?:commands?|arguments?): (.*)$/s.exec(message) ?? [];
  if (unknown !== undefined && verb !== undefined)
    return `${verb} takes no "${unknown}"; ${verb} --help lists what it takes`;
  if (unknown !== undefined) return `there is no verb "${unknown.replace(/,.*/s, '')}"; ${verbs}`;
  if (message.startsWith('Did you mean ')) return `${message} (${verbs})`;
  if (message.startsWith('Not enough non-option arguments')) {
    if (verb === undefined) return `say what to do; ${verbs}`;
    return `${verb} needs ${argumentsOf(verb)}`;
  }
  const [, valueless] = /^Not enough arguments following: (.*)$/.exec(message) ?? [];
  if (valueless !== undefined) return `--${valueless} needs a value after it`;
  const [, given, choices] = /Given: "(.*)", Choices: (.*)/.exec(message) ?? [];
  if (choices !== undefined)
    return `${verb ?? ''}: there is no "${given ?? ''}" here; expected ${choices.replaceAll('"', '')}`;
  return message.replaceAll(/\s*\n\s*/g, ' ');
}

function argumentsOf(verb: string): string {
  if (!isVerb(verb)) return RUN_NEEDS;
  const { arguments: expected, example }: VerbGrammar = ACTION_VERBS[verb];
  const names = expected.map(({ name, choices }) => choices?.join(', ') ?? name.toUpperCase()).join(' ');
  const targets = expected.some(({ name }) => name === 'target') ? `; TARGET is one of ${TARGET_WORDS}` : '';
  return `${names}${example === undefined ? '' : `, such as: ${example}`}${targets}`;
}
