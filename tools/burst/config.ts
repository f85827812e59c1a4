/** The settings that `npm run burst` reads from the environment. */
import { shapeOf } from '../../contracts/settings/settings-table.js';
import { readSettings, type Environment } from '../../contracts/settings/settings.js';

export interface BurstConfig {
  readonly apiKey: string | undefined;
  /** The coordinator on this machine, at the port that PORT sets. */
  readonly url: string;
  /** https://no-color.org */
  readonly disablesColors: boolean;
  /** A terminal that cannot take lines back. */
  readonly isDumb: boolean;
}

export function readBurstConfig(environment: Environment): BurstConfig {
  const { API_KEY: apiKey, PORT, NO_COLOR, TERM } = readSettings(shapeOf('burst'), environment);
  const isDumb = TERM === 'dumb';
  const url = `http://127.0.0.1:${PORT}`;
  return { apiKey, url, disablesColors: NO_COLOR !== undefined || isDumb, isDumb };
}
