/** Where the running system is found, from flags and environment. */
import { join, resolve } from 'node:path';
import { DEFAULT_DATA_FOLDER } from '../../supervisor/config.js';
import { shapeOf } from '../../contracts/settings/settings-table.js';
import { readSettings, type Environment } from '../../contracts/settings/settings.js';

export interface ChaosConfig {
  /** As `npm start` takes it: `--data`, else BOOMERANG_DATA, else `.boomerang` in the project. */
  readonly dataFolder: (flag: string | undefined) => string;
  /** The project of Docker Compose, where several run. */
  readonly composeProject: string | undefined;
  readonly region: string;
  /** Where queue and tables are, if not where the supervisor says that the stack is. */
  readonly sqsUrl: string | undefined;
  readonly dynamodbUrl: string | undefined;
  readonly apiKey: string | undefined;
  /** The access key of the stack, where the supervisor names none. */
  readonly stackAccessKeyId: string | undefined;
  /** The bare model's, as the functions read them. */
  readonly modelOptions: unknown;
  /** The environment of a system that an experiment starts: an embedded stack, whatever the caller uses. */
  readonly copyEnvironment: Environment;
}

export function readChaosConfig(
  environment: Environment,
  projectRoot: string,
  currentFolder: string,
): ChaosConfig {
  const settings = readSettings(shapeOf('chaos'), environment);
  return {
    dataFolder: (flag) => {
      const folder = flag ?? settings.BOOMERANG_DATA;
      return folder === undefined ? join(projectRoot, DEFAULT_DATA_FOLDER) : resolve(currentFolder, folder);
    },
    composeProject: settings.COMPOSE_PROJECT_NAME,
    region: settings.AWS_REGION,
    sqsUrl: settings.AWS_ENDPOINT_URL_SQS,
    dynamodbUrl: settings.AWS_ENDPOINT_URL_DYNAMODB,
    apiKey: settings.API_KEY,
    stackAccessKeyId: settings.STACK_ACCESS_KEY_ID,
    modelOptions: {
      model: settings.MODEL,
      cacheFolder: settings.MODEL_CACHE,
      hubUrl: settings.HF_ENDPOINT,
      hubToken: settings.HF_TOKEN,
    },
    copyEnvironment: {
      ...environment,
      AWS_ENDPOINT_URL: undefined,
      AWS_ENDPOINT_URL_SQS: undefined,
      AWS_ENDPOINT_URL_DYNAMODB: undefined,
      BOOMERANG_AWS: undefined,
    },
  };
}
