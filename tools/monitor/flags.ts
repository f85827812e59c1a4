/** The command line of `npm run monitor`. */
import yargs from 'yargs';
import { rejectRepeatedFlags } from '../../infra/cli/reject-repeated-flags.js';
import { API_KEY_FLAG, rejectSecretFlags } from '../../infra/cli/secret-flags.js';

export interface Flags {
  readonly endpoint: string | undefined;
  readonly data: string | undefined;
  readonly once: boolean;
  readonly json: boolean;
  readonly readOnly: boolean;
  readonly ascii: boolean;
}

/** Prints help and mistakes itself, and exits then. */
export function readFlags(programArguments: readonly string[], columns: number): Flags {
  const flags = yargs([...programArguments])
    .scriptName('npm run monitor --')
    .usage(
      '$0 [flags]\n\nShows workers, queue, rates, tasks and events of a running system, from its stack alone.',
    )
    .option('endpoint', {
      type: 'string',
      requiresArg: true,
      describe: 'where SQS and DynamoDB are',
      defaultDescription:
        'AWS_ENDPOINT_URL, else that of the system on the data folder, else http://127.0.0.1:4566',
    })
    .option('data', {
      type: 'string',
      requiresArg: true,
      describe: 'data folder of the system whose workers K, P and R act on',
      defaultDescription: '.boomerang in the project',
    })
    .option('once', { type: 'boolean', default: false, describe: 'prints what there is, and ends' })
    .option('json', { type: 'boolean', default: false, describe: 'prints one JSON object, and ends' })
    .option('read-only', {
      type: 'boolean',
      default: false,
      describe: 'no key kills, pauses or resumes a worker',
    })
    .option('ascii', { type: 'boolean', default: false, describe: 'draws with ASCII characters only' })
    .epilogue('Keys: ? lists them. NO_COLOR is heeded; where there is no terminal, it prints as with --once.')
    .example('$0 --endpoint http://127.0.0.1:4567', 'another stack')
    .example('$0 --json | jq .queue', 'for programs')
    .version(false)
    .strict()
    .option('api-key', API_KEY_FLAG)
    .check((given) => rejectSecretFlags(given))
    .check((given) => rejectRepeatedFlags(given))
    .demandCommand(0, 0)
    .showHelpOnFail(false, '--help lists what there is.')
    .wrap(columns)
    .parseSync();
  const { endpoint, data, once, json, readOnly, ascii } = flags;
  return { endpoint, data, once, json, readOnly, ascii };
}
