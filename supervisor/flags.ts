/** The flags of `npm start`. Each sets the setting of the same meaning; a flag wins over the environment. */
import yargs from 'yargs';
import { rejectRepeatedFlags } from '../infra/cli/reject-repeated-flags.js';
import { API_KEY_FLAG, rejectSecretFlags } from '../infra/cli/secret-flags.js';
import { DURABILITIES } from '../contracts/settings/durability.js';
import { LOG_LEVELS, type Environment } from '../contracts/settings/settings.js';

interface Flag {
  readonly setting: string;
  readonly group: string;
  readonly describe: string;
  /** The value where neither flag nor environment sets one. */
  readonly defaultDescription?: string;
  readonly choices?: readonly string[];
}

const WHERE = 'Where things are:';
const WHAT = 'What runs:';
const HOW = 'How tasks are handled:';

const FLAGS: Readonly<Record<string, Flag>> = {
  port: {
    setting: 'PORT',
    group: WHERE,
    describe: 'port of the coordinator; 0 takes a free one',
    defaultDescription: '8080',
  },
  'stack-port': {
    setting: 'STACK_PORT',
    group: WHERE,
    describe: 'port of the embedded SQS and DynamoDB; 0 takes a free one',
    defaultDescription: '4566',
  },
  'function-port-base': {
    setting: 'FUNCTION_PORT_BASE',
    group: WHERE,
    describe: 'port of the first function, the others follow; 0 takes free ones',
    defaultDescription: '9001',
  },
  data: {
    setting: 'BOOMERANG_DATA',
    group: WHERE,
    describe: 'folder for data, relative to the current one',
    defaultDescription: '.boomerang in the project',
  },
  durability: {
    setting: 'STACK_DURABILITY',
    group: WHERE,
    describe: 'what a power cut may cost: at most a second, or nothing (each group of writes is synced)',
    defaultDescription: DURABILITIES[0],
    choices: DURABILITIES,
  },
  workers: {
    setting: 'WORKERS',
    group: WHAT,
    describe: 'functions to run, 1 to 64',
    defaultDescription: '3',
  },
  model: {
    setting: 'MODEL',
    group: WHAT,
    describe: 'hub id or folder of a model',
    defaultDescription: 'the bundled one',
  },
  faults: {
    setting: 'FAULTS',
    group: WHAT,
    describe: 'none, demo, storm, or a list such as error=0.2,crash=0.05,delay=100±50',
    defaultDescription: 'demo',
  },
  'fault-seed': { setting: 'FAULT_SEED', group: WHAT, describe: 'repeats a plan of faults' },
  'log-level': {
    setting: 'LOG_LEVEL',
    group: WHAT,
    describe: 'of all processes',
    defaultDescription: 'info',
    choices: LOG_LEVELS,
  },
  'api-key-file': {
    setting: 'API_KEY_FILE',
    group: WHAT,
    describe: 'file that holds what clients must send as a bearer token; or set API_KEY',
  },
  dispatch: {
    setting: 'DISPATCH',
    group: HOW,
    describe: 'how a worker is picked',
    defaultDescription: 'least-loaded',
    choices: ['least-loaded', 'round-robin'],
  },
  redelivery: {
    setting: 'REDELIVERY',
    group: HOW,
    describe: 'when a failed delivery comes again: after the visibility timeout, or soon, after a back-off',
    defaultDescription: 'timeout',
    choices: ['timeout', 'backoff'],
  },
  'max-batch-tasks': {
    setting: 'MAX_BATCH_TASKS',
    group: HOW,
    describe: 'tasks that travel together',
    defaultDescription: '32',
  },
  'max-batch-tokens': {
    setting: 'MAX_BATCH_TOKENS',
    group: HOW,
    describe: 'of their texts, as estimated',
    defaultDescription: '2048',
  },
  'visibility-timeout': {
    setting: 'VISIBILITY_TIMEOUT_SECONDS',
    group: HOW,
    describe: 'seconds until an unanswered delivery comes again',
    defaultDescription: '5',
  },
  'invoke-timeout': {
    setting: 'INVOKE_TIMEOUT_MS',
    group: HOW,
    describe: 'milliseconds after which a worker that does not answer gets other work',
    defaultDescription: '4000, at most 80 % of the visibility timeout',
  },
  'function-timeout': {
    setting: 'FUNCTION_TIMEOUT_MS',
    group: HOW,
    describe: 'milliseconds that a function may take for an invoke before it is ended',
    defaultDescription: '90 % of the visibility timeout',
  },
  'function-memory': {
    setting: 'FUNCTION_MEMORY_MB',
    group: HOW,
    describe: 'megabytes that a function may take before it is ended',
    defaultDescription: '512',
  },
  'max-receive-count': {
    setting: 'MAX_RECEIVE_COUNT',
    group: HOW,
    describe: 'deliveries before a task is given up',
    defaultDescription: '10',
  },
};

export interface Flags {
  readonly fresh: boolean;
  /** The settings that flags were given for. */
  readonly settings: Environment;
}

/** Prints help and mistakes itself, and exits then. */
export function readFlags(programArguments: readonly string[]): Flags {
  const parser = yargs(programArguments)
    .scriptName('npm start --')
    .usage('$0 [flags]\n\nRuns the stack, the coordinator and the functions, and keeps them running.')
    .option('fresh', { type: 'boolean', default: false, group: WHERE, describe: 'starts with empty data' })
    .epilogue('Settings without a flag come from the environment: see the README. Ctrl-C stops everything.')
    .example('$0 --faults storm --workers 5', 'five functions in bad weather')
    .example('$0 --port 8081 --stack-port 4567 --function-port-base 9101 --data ./second', 'a second copy')
    .version(false)
    .option('api-key', API_KEY_FLAG)
    .check((given) => rejectSecretFlags(given))
    .check((given) => rejectRepeatedFlags(given))
    .strict()
    .showHelpOnFail(false, '--help lists what there is.')
    .wrap(process.stdout.isTTY ? Math.min(100, process.stdout.columns) : 80);
  for (const [name, { group, describe, defaultDescription, choices }] of Object.entries(FLAGS)) {
    parser.option(name, {
      type: 'string',
      requiresArg: true,
      group,
      describe,
      defaultDescription: defaultDescription,
      ...(choices && { choices }),
    });
  }
  const given: Readonly<Record<string, unknown>> = parser.parseSync();
  const settings = Object.entries(FLAGS).flatMap(([name, { setting }]) => {
    const value = given[name];
    return typeof value === 'string' ? [[setting, value] as const] : [];
  });
  // A flag wins over the environment.
  const key = given['api-key-file'] === undefined ? [] : [['API_KEY', undefined] as const];
  return { fresh: given['fresh'] === true, settings: Object.fromEntries([...settings, ...key]) };
}

/** Says `--workers nine` where a message about settings says `WORKERS=nine` and the flag was given. */
export function nameFlagsInMessage(message: string, { settings }: Flags): string {
  return Object.entries(FLAGS)
    .filter(([, { setting }]) => settings[setting] !== undefined)
    .reduce(
      (text, [name, { setting }]) => text.replaceAll(new RegExp(`\\b${setting}=`, 'g'), `--${name} `),
      message,
    );
}
