import type { SentimentOptions } from '../functions/sentiment/function.js';
import { readSettings, type Environment } from '../contracts/settings/settings.js';
import { shapeOf } from '../contracts/settings/settings-table.js';
import yargs from 'yargs';
import { API_KEY_FLAG, rejectSecretFlags } from '../infra/cli/secret-flags.js';

export interface BenchConfig {
  readonly rounds: number;
  readonly durationMs: number;
  /** One entry for each row with one text a request. */
  readonly clients: readonly number[];
  readonly json: boolean;
  readonly check: boolean;
  readonly model: SentimentOptions;
  /** The system is started with this environment: settings of the caller's reach it, so that they can be compared. */
  readonly systemEnvironment: Environment;
}

export function readConfig(argv: readonly string[], environment: Environment): BenchConfig {
  const flags = yargs([...argv])
    .scriptName('npm run bench --')
    .usage(
      '$0 [flags]\n\nHow fast the whole system is, as a share of what the bare model does on this machine.',
    )
    .option('rounds', { type: 'number', default: 3, describe: 'how often everything is measured' })
    .option('seconds', { type: 'number', default: 5, describe: 'how long each measurement lasts' })
    .option('clients', {
      type: 'string',
      default: '16,64,256',
      describe: 'closed-loop clients, one text each',
    })
    .option('json', { type: 'boolean', default: false, describe: 'print one JSON object instead of a table' })
    .option('check', {
      type: 'boolean',
      default: true,
      describe:
        "compare each answer with the bare model's; --no-check for models whose answers depend on the batch",
    })
    .option('api-key', API_KEY_FLAG)
    .check(({ rounds, seconds, clients, ...others }) => {
      rejectSecretFlags(others);
      if (!Number.isInteger(rounds) || rounds < 1)
        throw new Error('--rounds: expected a whole number from 1');
      if (!(seconds > 0 && seconds <= 600)) throw new Error('--seconds: expected a number up to 600');
      if (!/^[1-9]\d{0,3}(,[1-9]\d{0,3})*$/.test(clients)) {
        throw new Error('--clients: expected numbers from 1 to 9999, such as 16,64,256');
      }
      return true;
    })
    .version(false)
    .strict()
    .showHelpOnFail(false, '--help lists what there is.')
    .parseSync();
  return {
    rounds: flags.rounds,
    durationMs: flags.seconds * 1000,
    clients: [...new Set(flags.clients.split(',').map(Number))],
    json: flags.json,
    check: flags.check,
    model: readModel(environment),
    systemEnvironment: withoutApiKey(environment),
  };
}

/** The clients of the bench have none. */
function withoutApiKey(environment: Environment): Environment {
  return { ...environment, API_KEY: undefined };
}

/** As the functions read them, so that both sides run the same model. */
function readModel(environment: Environment): SentimentOptions {
  const { MODEL, MODEL_CACHE, HF_ENDPOINT, HF_TOKEN } = readSettings(shapeOf('bench'), environment);
  return { model: MODEL, cacheFolder: MODEL_CACHE, hubUrl: HF_ENDPOINT, hubToken: HF_TOKEN };
}
