/** `fault`, `latency`, `cut`, `empty`. */
import type { Argv } from 'yargs';
import { parseFaults } from '../../contracts/faults.js';
import type { Answer, CommonFlags } from './cli.js';
import { disturbNetwork, emptyQueue, injectFault } from './commands.js';
import { parseDuration } from './duration.js';
import { parseLatency } from './parse-latency.js';
import { withTarget } from './verbs-of-processes.js';

export function addFaultVerbs(parser: Argv<CommonFlags>, answer: Answer): void {
  parser
    .command(
      'fault <target> <faults>',
      'sets the fault plan of workers: a profile, or a list such as error=0.5,delay=100±50',
      (command) =>
        withFor(withTarget(command))
          .positional('faults', { type: 'string', demandOption: true })
          .option('count', {
            type: 'number',
            requiresArg: true,
            describe: 'for the next so many invokes, each of which meets one of them for sure',
          }),
      (flags) => {
        const limits = { count: flags.count, forMs: durationOf(flags) };
        parseFaults(flags.faults); // before one of several workers is told
        return answer(flags, (parts) => injectFault(parts, flags.target, flags.faults, limits));
      },
    )
    .command(
      'latency <where> <ms>',
      'slows the network: 200 or 200±50, added to each exchange with the stack',
      (command) => withFor(withStack(command)).positional('ms', { type: 'string', demandOption: true }),
      (flags) => {
        const fault = { ...parseLatency(flags.ms), forMs: durationOf(flags) };
        return answer(flags, (parts) => disturbNetwork(parts, fault));
      },
    )
    .command(
      'cut <where>',
      'cuts the network: connections to the stack are reset',
      (command) => withFor(withStack(command)),
      (flags) => {
        const fault = { cut: true, forMs: durationOf(flags) };
        return answer(flags, (parts) => disturbNetwork(parts, fault));
      },
    )
    .command(
      'empty <what>',
      'empties the queue, as if it had lost its messages',
      (command) => command.positional('what', { choices: ['queue'] as const, demandOption: true }),
      (flags) => answer(flags, emptyQueue),
    );
}

function withStack<T>(command: Argv<T>) {
  return command.positional('where', { choices: ['stack'] as const, demandOption: true });
}

function withFor<T>(command: Argv<T>) {
  return command.option('for', {
    type: 'string',
    requiresArg: true,
    describe: 'how long: 500ms, 10s, 2m; without it until heal',
  });
}

function durationOf({ for: duration }: { readonly for: string | undefined }): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
