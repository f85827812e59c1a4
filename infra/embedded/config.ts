import type { Durability } from '../../contracts/settings/durability.js';
import { servesAnybody } from '../../contracts/http/open-host.js';
import { shapeOf } from '../../contracts/settings/settings-table.js';
import { readSettings, type Environment } from '../../contracts/settings/settings.js';

export interface StackConfig {
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  /** The access key that callers must name; any does where it is absent. */
  readonly accessKeyId: string | undefined;
  /** Bound beyond this machine, and asking for no access key. */
  readonly servesAnybody: boolean;
  /** The token of `/_boomerang/network`; nobody may use that where it is absent. */
  readonly controlToken: string | undefined;
  /** Where the tables lie; in memory where absent. */
  readonly dataDir: string | undefined;
  /** The cost of a power cut: `sync` answers nothing before it is on the disk, at the price of a few milliseconds. */
  readonly durability: Durability;
  readonly logLevel: string;
}

export function readStackConfig(environment: Environment): StackConfig {
  const settings = readSettings(shapeOf('stack'), environment);
  return {
    host: settings.STACK_HOST,
    port: settings.STACK_PORT,
    allowedHosts: settings.ALLOWED_HOSTS,
    accessKeyId: settings.STACK_ACCESS_KEY_ID,
    servesAnybody: servesAnybody({
      host: settings.STACK_HOST,
      hostSetting: 'STACK_HOST',
      secret: settings.STACK_ACCESS_KEY_ID,
      secretSetting: 'STACK_ACCESS_KEY_ID',
      allowOpen: settings.ALLOW_OPEN === '1',
    }),
    controlToken: settings.CONTROL_TOKEN,
    dataDir: settings.STACK_DATA,
    durability: settings.STACK_DURABILITY,
    logLevel: settings.LOG_LEVEL,
  };
}
