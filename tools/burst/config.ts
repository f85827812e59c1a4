/** What `npm run burst` takes from the environment. */
import { z } from 'zod';
import { readSettings, type Environment } from '../../contracts/settings.js';

export interface BurstConfig {
  readonly apiKey: string | undefined;
  /** https://no-color.org */
  readonly refusesColours: boolean;
  /** A terminal that cannot take lines back. */
  readonly isDumb: boolean;
}

const SHAPE = {
  API_KEY: z.string().optional(),
  NO_COLOR: z.string().optional(),
  TERM: z.string().optional(),
};

export function readBurstConfig(environment: Environment): BurstConfig {
  const { API_KEY: apiKey, NO_COLOR, TERM } = readSettings(SHAPE, environment);
  const isDumb = TERM === 'dumb';
  return { apiKey, refusesColours: NO_COLOR !== undefined || isDumb, isDumb };
}
