import { shapeOf } from '../../contracts/settings/settings-table.js';
import { readSettings, type Environment } from '../../contracts/settings/settings.js';
import { findChromium } from './find-chromium.js';

export interface PicturesConfig {
  readonly chromiumPath: string | undefined;
  /** The environment of the pictured system, independent of the caller's. */
  readonly environment: Environment;
}

export function readPicturesConfig(environment: Environment): PicturesConfig {
  const { CHROMIUM_PATH } = readSettings(shapeOf('pictures'), environment);
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
