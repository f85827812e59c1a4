import { z } from 'zod';
import { readSettings, type Environment } from '../../contracts/settings/settings.js';
import { findChromium } from './find-chromium.js';

export interface PicturesConfig {
  readonly chromiumPath: string | undefined;
  /** Of the system that is pictured: one of its own, whatever the caller's is. */
  readonly environment: Environment;
}

export function readPicturesConfig(environment: Environment): PicturesConfig {
  const { CHROMIUM_PATH } = readSettings({ CHROMIUM_PATH: z.string().optional() }, environment);
  return {
    chromiumPath: findChromium(CHROMIUM_PATH),
    environment: {
      ...environment,
      API_KEY: undefined,
      AWS_ENDPOINT_URL: undefined,
      AWS_ENDPOINT_URL_SQS: undefined,
      AWS_ENDPOINT_URL_DYNAMODB: undefined,
      BOOMERANG_AWS: undefined,
    },
  };
}
