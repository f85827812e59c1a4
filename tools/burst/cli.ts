/** The command line of `npm run burst`. */
import yargs, { type Argv } from 'yargs';
import { messageOf } from '../../contracts/common/text.js';
import { rejectRepeatedFlags } from '../../infra/cli/reject-repeated-flags.js';
import { rejectSecretFlags } from '../../infra/cli/secret-flags.js';
import { burst, EXIT_CODES, type BurstParts } from './burst.js';
import { differences, printComparison, readSummary } from './compare.js';
import { addFlags } from './flags.js';
import { GateError } from './gates.js';
import { BurstError, readFlags } from './settings.js';

export interface CliParts extends BurstParts {
  /** The key from the environment. */
  readonly apiKey: string | undefined;
  /** Where the coordinator is if no flag says so. */
  readonly url: string;
  readonly printError: (text: string) => void;
  readonly columns: number;
}

/** @returns the exit code */
export async function runBurst(programArguments: readonly string[], parts: CliParts): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const parser = createParser(parts, (code) => (exitCode = code));
  try {
    await parser.parseAsync([...programArguments], {}, (_error, _flags, help) => {
      if (help !== '') parts.print(help);
    });
    return exitCode;
  } catch (error) {
    if (!isExpected(error)) throw error;
    parts.printError(error.message);
    return EXIT_CODES.couldNot;
  }
}

/** Whether the error describes a mistake of the user. yargs has its own error for a flag without its value. */
function isExpected(error: unknown): error is Error {
  if (error instanceof BurstError || error instanceof GateError || error instanceof UsageError) return true;
  return error instanceof Error && error.name === 'YError';
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

function asUsage<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function readKey(text: string): string {
  const key = text.trim();
  if (key === '') throw new Error('--api-key-file: expected a file that holds the key');
  return key;
}

function createParser(parts: CliParts, onExitCode: (code: number) => void): Argv {
  const parser = yargs()
    .scriptName('npm run burst --')
    .usage('$0 [flags]\n\nLoads a running Boomerang, and tells how it took it.')
    .command(
      '$0',
      'sends requests and shows what became of them',
      (command) => addFlags(command, parts.url),
      async (flags) => {
        const file = flags['api-key-file'];
        const apiKey = file === undefined ? parts.apiKey : asUsage(() => readKey(parts.readFile(file)));
        const settings = readFlags({ ...flags, apiKey });
        onExitCode(await burst(settings, parts));
      },
    )
    .command(
      'compare <before> <after>',
      'two results that --json wrote, beside each other',
      (command) =>
        command
          .positional('before', { type: 'string', demandOption: true, describe: 'a result of --json' })
          .positional('after', { type: 'string', demandOption: true, describe: 'another' })
          .option('json', { type: 'boolean', default: false, describe: 'prints one JSON object' }),
      ({ before, after, json }) => compare(before, after, json, parts),
    );
  return parser
    .version(false)
    .strict()
    .check((given) => asUsage(() => rejectSecretFlags(given)))
    .check((given) => asUsage(() => rejectRepeatedFlags(given, ['text', 'fail-if', 'failIf'])))
    .exitProcess(false)
    .fail((message: string | null, error?: Error) => {
      throw error ?? new UsageError(`${message ?? ''}\n--help lists what there is.`.trim());
    })
    .wrap(parts.columns);
}

function compare(before: string, after: string, json: boolean, parts: CliParts): void {
  const [first, second] = [readSummary(before, parts.readFile), readSummary(after, parts.readFile)];
  if (json) parts.print(JSON.stringify({ before, after, differences: differences(first, second) }));
  else for (const line of printComparison(first, second, parts.columns)) parts.print(line);
}
