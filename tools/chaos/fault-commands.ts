/** `fault`, `latency`, `cut`, `empty`. */
import type { Argv } from 'yargs';
import { faultLimitsSchema, parseFaults } from '../../contracts/worker/faults.js';
import type { Answer, CommonFlags } from './answer.js';
import { setNetworkFault, emptyQueue } from './commands.js';
import { parseDuration } from './duration.js';
import { injectFault } from './inject-fault.js';
import { parseLatency } from './parse-latency.js';
import { UsageError, type FaultLimits } from '../kit/system/system.js';
import { withTarget } from './process-commands.js';

export function addFaultVerbs(parser: Argv<CommonFlags>, answer: Answer): void {
  parser
    .command(
      'fault <target> <faults>',
      'sets how workers fail, such as error=0.5',
      (command) =>
        withFor(withTarget(command))
          .positional('faults', {
            type: 'string',
            demandOption: true,
            describe: 'none, demo, storm, or a list such as error=0.5,delay=100±50',
          })
          .option('count', {
            type: 'string', // read by the schema that the worker has as well
            requiresArg: true,
            describe: 'for the next so many invokes, each of which meets one of them for sure',
          }),
      (flags) => {
        const limits = limitsOf(flags);
        parseFaults(flags.faults); // before one of several workers is told
        return answer(flags, (parts) => injectFault(parts, flags.target, flags.faults, limits));
      },
    )
    .command(
      'latency <where> <ms>',
      'slows the network: so much is added to each exchange with the stack',
      (command) =>
        withFor(withStack(command)).positional('ms', {
          type: 'string',
          demandOption: true,
          describe: 'milliseconds, such as 200 or 200±50',
        }),
      (flags) => {
        const fault = { ...parseLatency(flags.ms), ...limitsOf(flags) };
        return answer(flags, (parts) => setNetworkFault(parts, fault));
      },
    )
    .command(
      'cut <where>',
      'cuts the network: connections to the stack are reset',
      (command) => withFor(withStack(command)),
      (flags) => {
        const fault = { cut: true, ...limitsOf(flags) };
        return answer(flags, (parts) => setNetworkFault(parts, fault));
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

interface LimitFlags {
  readonly for: string | undefined;
  readonly count?: string | undefined;
}

/** @throws UsageError before anybody is told of it */
function limitsOf({ for: duration, count }: LimitFlags): FaultLimits {
  const parsed = faultLimitsSchema.safeParse({
    ...(duration !== undefined && { forMs: parseDuration(duration) }),
    ...(count !== undefined && { count: Number(count.trim() || NaN) }),
  });
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: '' }] = parsed.error.issues;
  const said = path[0] === 'count' ? `--count ${count ?? ''}` : `--for ${duration ?? ''}`;
  throw new UsageError(`${said}: ${message}`);
}
