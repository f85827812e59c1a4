/** `kill`, `stop`, `start`, `pause`, `resume`, `restart`. */
import type { Argv } from 'yargs';
import type { Answer, CommonFlags } from './answer.js';
import { actOn } from './commands.js';
import { TARGET_WORDS } from '../kit/system/targets.js';

const DESCRIBED = {
  kill: 'ends it at once (SIGKILL); it comes back by itself',
  stop: 'stops it; it stays down until it is started',
  start: 'starts what was stopped',
  pause: 'freezes it (SIGSTOP): it holds its connections and answers nothing',
  resume: 'lets it go on',
} as const;

export function addProcessVerbs(parser: Argv<CommonFlags>, answer: Answer): void {
  for (const verb of Object.keys(DESCRIBED) as (keyof typeof DESCRIBED)[]) {
    parser.command(
      `${verb} <target>`,
      DESCRIBED[verb],
      (command) => withTarget(command),
      (flags) => answer(flags, (parts) => actOn(parts, verb, flags.target, false)),
    );
  }
  parser.command(
    'restart <target>',
    'stops it and starts it again',
    (command) =>
      withTarget(command).option('empty', {
        type: 'boolean',
        default: false,
        describe:
          'the stack only: kills it and deletes all that it keeps: messages, tasks, answers, keys, statistics',
      }),
    (flags) => answer(flags, (parts) => actOn(parts, 'restart', flags.target, flags.empty)),
  );
}

export function withTarget<T>(command: Argv<T>) {
  return command.positional('target', { type: 'string', demandOption: true, describe: TARGET_WORDS });
}
