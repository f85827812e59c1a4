/** Where the running system is found, from flags and environment. */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_DATA_FOLDER } from '../up/config.js';
import { httpUrl, readSettings, type Environment } from '../../contracts/settings.js';

export interface ChaosConfig {
  /** As `npm start` takes it: `--data`, else BOOMERANG_DATA, else `.boomerang` in the project. */
  dataFolder(flag: string | undefined): string;
  readonly region: string;
  /** Where the queue is, if not where the supervisor says that the stack is. */
  readonly sqsUrl: string | undefined;
}

export function readChaosConfig(
  environment: Environment,
  projectRoot: string,
  currentFolder: string,
): ChaosConfig {
  const { BOOMERANG_DATA, AWS_REGION, AWS_ENDPOINT_URL_SQS } = readSettings(
    {
      BOOMERANG_DATA: z.string().optional(),
      AWS_REGION: z.string().default('us-east-1'),
      AWS_ENDPOINT_URL_SQS: httpUrl().optional(),
    },
    environment,
  );
  return {
    dataFolder: (flag) => {
      const folder = flag ?? BOOMERANG_DATA;
      return folder === undefined ? join(projectRoot, DEFAULT_DATA_FOLDER) : resolve(currentFolder, folder);
    },
    region: AWS_REGION,
    sqsUrl: AWS_ENDPOINT_URL_SQS,
  };
}
