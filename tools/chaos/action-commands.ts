/** The verbs of `npm run chaos` that act on a system, made from the grammar of actions. */
import type { Argv } from 'yargs';
import { readAction, VERBS, type LimitNames, type Verb, type VerbGrammar } from './action/action.js';
import { performAction, type CommandParts, type Report } from './commands.js';

export interface CommonFlags {
  readonly data: string | undefined;
  readonly containers: boolean;
  readonly json: boolean;
}

/** Runs the command on the system that the flags name, and prints its report. */
export type RunCommand = (
  flags: CommonFlags,
  command: (parts: CommandParts) => Promise<Report>,
) => Promise<void>;

const FLAG_NAMES: LimitNames = { duration: '--for', count: '--count' };
const LIMIT_FLAGS = {
  forMs: ['for', 'how long: 500ms, 10s, 2m; without it until heal'],
  count: ['count', 'for the next so many invokes, each of which meets one of them for sure'],
} as const;

export function addActionCommands(parser: Argv<CommonFlags>, run: RunCommand): void {
  for (const verb of Object.keys(VERBS) as Verb[]) if (verb !== 'heal') addCommand(parser, verb, run);
}

/** `heal` stands last in the help, after the experiments. */
export function addHealCommand(parser: Argv<CommonFlags>, run: RunCommand): void {
  addCommand(parser, 'heal', run);
}

function addCommand(parser: Argv<CommonFlags>, verb: Verb, run: RunCommand): void {
  const grammar: VerbGrammar = VERBS[verb];
  const usage = [verb, ...grammar.arguments.map(({ name }) => `<${name}>`)].join(' ');
  parser.command(
    usage,
    grammar.describe,
    (command) => addOptions(command, verb, grammar),
    (flags) => {
      const given: Readonly<Record<string, unknown>> = flags;
      const text = (name: string) => {
        const value = given[name];
        return typeof value === 'string' ? value : undefined;
      };
      const words = grammar.arguments.map(({ name }) => text(name) ?? '');
      const limits = { duration: text('for'), count: text('count'), empty: given['empty'] === true };
      const action = readAction({ verb, arguments: words, ...limits }, FLAG_NAMES);
      return run(flags, (parts) => performAction(parts, action));
    },
  );
}

function addOptions(command: Argv<CommonFlags>, verb: Verb, grammar: VerbGrammar): Argv<CommonFlags> {
  for (const { name, describe, choices } of grammar.arguments)
    command.positional(name, { type: 'string', demandOption: true, describe, choices });
  for (const limit of grammar.limits) {
    const [name, describe] = LIMIT_FLAGS[limit];
    command.option(name, { type: 'string', requiresArg: true, describe });
  }
  if (verb === 'restart') {
    command.option('empty', {
      type: 'boolean',
      default: false,
      describe:
        'the stack only: kills it and deletes all that it keeps: messages, tasks, answers, keys, statistics',
    });
  }
  return command;
}
