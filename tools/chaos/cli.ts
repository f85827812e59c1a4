/** The command line of `npm run chaos`. */
import yargs, { type Argv } from 'yargs';
import { addActionCommands, addHealCommand, type CommonFlags, type RunCommand } from './action-commands.js';
import { showStatus } from './commands.js';
import { rejectRepeatedFlags } from '../../infra/cli/reject-repeated-flags.js';
import { API_KEY_FLAG, rejectSecretFlags } from '../../infra/cli/secret-flags.js';
import { usageErrorOf, verbOf } from './usage-errors.js';
import { UsageError, type ChaosSystem, type SystemChoice } from '../kit/system/system.js';
import { TARGET_WORDS } from '../kit/system/targets.js';

export interface CliParts {
  /** @throws NothingRunsError */
  readonly connect: (choice: SystemChoice) => Promise<ChaosSystem>;
  /** Adds the commands for experiments. */
  readonly addCommands: (parser: Argv<CommonFlags>) => unknown;
  readonly random: { next(): number };
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly columns: number;
}

/** The command line is wrong, and nothing was done to any system. */
export const USAGE_ERROR = 1;
/** The command could not be done, or only in part: no system runs, or the system refused. */
export const FAILED = 2;

/** @returns the exit code */
export async function runChaos(programArguments: readonly string[], parts: CliParts): Promise<number> {
  let code = 0;
  const run: RunCommand = async ({ data, containers, json }, command) => {
    const report = await command({ system: await parts.connect({ data, containers }), random: parts.random });
    parts.print(json ? JSON.stringify(report.json) : report.text);
    if (report.isIncomplete === true) code = FAILED;
  };
  try {
    await createParser(parts, run, programArguments).parseAsync(
      [...programArguments],
      {},
      (_error, _flags, help) => {
        if (help !== '') parts.print(help);
      },
    );
    return code;
  } catch (error) {
    parts.printError(error instanceof Error ? error.message : String(error));
    // An experiment exits with 1 where a check failed.
    return error instanceof UsageError && verbOf(programArguments) !== 'run' ? USAGE_ERROR : FAILED;
  }
}

function createParser({ columns, addCommands }: CliParts, run: RunCommand, words: readonly string[]): Argv {
  const common: Argv<CommonFlags> = yargs()
    .scriptName('npm run chaos --')
    .usage('$0 VERB …\n\nBreaks a running system on purpose, heals it, and runs experiments.')
    .option('data', {
      type: 'string',
      requiresArg: true,
      describe: 'data folder of the running system',
      defaultDescription: '.boomerang in the project',
    })
    .option('containers', {
      type: 'boolean',
      default: false,
      describe: 'the system that Docker Compose runs',
      defaultDescription: 'where nothing runs on the data folder',
    })
    .option('api-key', API_KEY_FLAG)
    .check((given) => rejectSecretFlags(given))
    .check((given) => rejectRepeatedFlags(given, ['experiment']))
    .option('json', { type: 'boolean', default: false, describe: 'prints one JSON object' });
  common.command(
    'status',
    'shows the processes, and what is injected into them',
    (command) => command,
    (flags) => run(flags, showStatus),
  );
  addActionCommands(common, run);
  addCommands(common);
  addHealCommand(common, run);
  return common
    .demandCommand(1)
    .epilogue(`TARGET is one of ${TARGET_WORDS}.`)
    .example('$0 kill any', 'a worker dies; its tasks go to the others')
    .example('$0 fault worker-2 error=0.5 --for 10s', 'half of its invokes fail, for ten seconds')
    .example('$0 fault all crash=1 --count 1', 'each worker dies of its next invoke')
    .example('$0 pause coordinator', 'a zombie, once it is resumed')
    .example('$0 latency stack 200±50 --for 1m', 'every call to SQS and DynamoDB takes so much longer')
    .example('$0 restart stack --empty', 'SQS and DynamoDB lose every message, task and answer')
    .example('$0 run worker-killed --start', 'an experiment, on a system of its own')
    .version(false)
    .locale('en')
    .strict()
    .strictCommands()
    .recommendCommands()
    .exitProcess(false)
    .fail((message: string | null, error?: Error) => {
      if (message !== null) throw usageErrorOf(message, words);
      throw error ?? new UsageError('it cannot be understood');
    })
    .wrap(columns);
}
