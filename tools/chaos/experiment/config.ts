/** What experiments need of the environment. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readSettings, type Environment } from '../../../contracts/settings.js';

export function readExperimentConfig(environment: Environment) {
  const { API_KEY, WORKER_TOKEN, AWS_REGION, MODEL, MODEL_CACHE, HF_ENDPOINT, HF_TOKEN } = readSettings(
    {
      API_KEY: z.string().optional(),
      WORKER_TOKEN: z.string().optional(),
      AWS_REGION: z.string().default('us-east-1'),
      MODEL: z.string().optional(),
      MODEL_CACHE: z.string().default('.boomerang/models'),
      HF_ENDPOINT: z.string().optional(),
      HF_TOKEN: z.string().optional(),
    },
    environment,
  );
  const workerToken = WORKER_TOKEN ?? randomBytes(24).toString('base64url');
  return {
    apiKey: API_KEY,
    workerToken,
    region: AWS_REGION,
    /** As the functions read them. */
    modelOptions: { model: MODEL, cacheFolder: MODEL_CACHE, hubUrl: HF_ENDPOINT, hubToken: HF_TOKEN },
    /** What a system of its own is started with: an embedded stack, whatever the caller's is. */
    environment: {
      ...environment,
      WORKER_TOKEN: workerToken,
      AWS_ENDPOINT_URL: undefined,
      AWS_ENDPOINT_URL_SQS: undefined,
      AWS_ENDPOINT_URL_DYNAMODB: undefined,
      BOOMERANG_AWS: undefined,
    },
  };
}
