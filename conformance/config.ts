/** The settings of `npm run test:stack`, from flags and environment. */
import yargs from 'yargs';
import { SettingsError } from '../contracts/errors/errors.js';
import { shapeOf } from '../contracts/settings/settings-table.js';
import { httpUrl, readSettings, type Environment } from '../contracts/settings/settings.js';
import { rejectRepeatedFlags } from '../infra/cli/reject-repeated-flags.js';

export interface SuiteConfig {
  /** Absent where real AWS was opted in to. */
  readonly endpointSqs: string | undefined;
  readonly endpointDynamodb: string | undefined;
  readonly region: string;
  readonly live: boolean;
  /** The name of this stack in the table. */
  readonly name: string;
  /** Files of results, and of the table, to write. */
  readonly json: string | undefined;
  readonly write: string | undefined;
  /** Part of the name of a file in test/stack: only its checks are run. */
  readonly only: string | undefined;
  readonly costs: boolean;
}

/** @throws SettingsError */
export function readSuiteConfig(programArguments: readonly string[], environment: Environment): SuiteConfig {
  const flags = yargs([...programArguments])
    .scriptName('npm run test:stack --')
    .usage(
      '$0 --endpoint URL\n\nChecks whether Boomerang keeps its promises on the SQS and DynamoDB that answer there. ' +
        'It makes queues and tables under names of its own and deletes them; what is there it leaves alone.',
    )
    .option('endpoint', { type: 'string', requiresArg: true, describe: 'where both are' })
    .option('sqs', { type: 'string', requiresArg: true, describe: 'where SQS is' })
    .option('dynamodb', { type: 'string', requiresArg: true, describe: 'where DynamoDB is' })
    .option('name', { type: 'string', requiresArg: true, describe: 'what the table calls the stack' })
    .option('json', { type: 'string', requiresArg: true, describe: 'file for the results' })
    .option('write', { type: 'string', requiresArg: true, describe: 'file whose table gets the row' })
    .option('only', {
      type: 'string',
      requiresArg: true,
      describe: 'only files of test/stack that are called so',
    })
    .option('costs', { type: 'boolean', default: true, describe: 'measure what calls cost; --no-costs' })
    .check((given) => rejectRepeatedFlags(given))
    .example('$0 --endpoint http://127.0.0.1:4566 --name LocalStack', 'a stack behind one address')
    .example('$0 --sqs http://127.0.0.1:9324 --dynamodb http://127.0.0.1:8000', 'two servers')
    .version(false)
    .strict()
    .demandCommand(0, 0)
    .showHelpOnFail(false, '--help lists what there is.')
    .parseSync();
  const settings = readSettings(shapeOf('conformance'), environment);
  const both = flags.endpoint ?? settings.AWS_ENDPOINT_URL;
  const live = settings.BOOMERANG_AWS === 'live';
  const endpointSqs = checked(flags.sqs ?? settings.AWS_ENDPOINT_URL_SQS ?? both);
  const endpointDynamodb = checked(flags.dynamodb ?? settings.AWS_ENDPOINT_URL_DYNAMODB ?? both);
  if (!live && (endpointSqs === undefined || endpointDynamodb === undefined)) {
    throw new SettingsError('say where SQS and DynamoDB are: --endpoint URL, or --sqs URL --dynamodb URL');
  }
  const places = [...new Set([endpointSqs, endpointDynamodb])].map((place) => place ?? 'AWS').join(' and ');
  const { name = places, json, write, only, costs } = flags;
  return { endpointSqs, endpointDynamodb, region: settings.AWS_REGION, live, name, json, write, only, costs };
}

function checked(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || httpUrl().safeParse(endpoint).success) return endpoint;
  throw new SettingsError(`${endpoint} cannot be used: expected an http:// or https:// address`);
}
