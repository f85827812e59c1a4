import { z } from 'zod';
import { httpUrl, logLevel, readSettings, type Environment } from '../../contracts/settings/settings.js';
import { readWorkerConfig, type WorkerConfig } from '../runtime/settings.js';
import type { SentimentOptions } from './function.js';

export interface SentimentConfig {
  readonly logLevel: z.output<ReturnType<typeof logLevel>>;
  readonly worker: WorkerConfig;
  readonly sentiment: SentimentOptions;
}

const SHAPE = {
  LOG_LEVEL: logLevel(),
  MODEL: z.string().optional(),
  /** Where models of a hub are kept, so that they are fetched once. */
  MODEL_CACHE: z.string().default('.boomerang/models'),
  /** A mirror, and a token for models that are not public: named as all of the hub's tools name them. */
  HF_ENDPOINT: httpUrl().optional(),
  HF_TOKEN: z.string().optional(),
};

export function readConfig(environment: Environment): SentimentConfig {
  const { LOG_LEVEL, MODEL, MODEL_CACHE, HF_ENDPOINT, HF_TOKEN } = readSettings(SHAPE, environment);
  return {
    logLevel: LOG_LEVEL,
    worker: readWorkerConfig(environment),
    sentiment: { model: MODEL, cacheFolder: MODEL_CACHE, hubUrl: HF_ENDPOINT, hubToken: HF_TOKEN },
  };
}
