import { shapeOf } from '../../contracts/settings/settings-table.js';
import { readSettings, type LOG_LEVELS, type Environment } from '../../contracts/settings/settings.js';
import { readWorkerConfig, type WorkerConfig } from '../runtime/settings.js';
import type { SentimentOptions } from './function.js';

export interface SentimentConfig {
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly worker: WorkerConfig;
  readonly sentiment: SentimentOptions;
}

export function readConfig(environment: Environment): SentimentConfig {
  const { LOG_LEVEL, MODEL, MODEL_CACHE, HF_ENDPOINT, HF_TOKEN } = readSettings(
    shapeOf('function'),
    environment,
  );
  return {
    logLevel: LOG_LEVEL,
    worker: readWorkerConfig(environment),
    sentiment: { model: MODEL, cacheFolder: MODEL_CACHE, hubUrl: HF_ENDPOINT, hubToken: HF_TOKEN },
  };
}
