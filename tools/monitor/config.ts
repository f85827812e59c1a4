/** The monitor's configuration, from flags and environment. */
import { join, resolve } from 'node:path';
import { SettingsError } from '../../contracts/errors/errors.js';
import { shapeOf } from '../../contracts/settings/settings-table.js';
import { httpUrl, readSettings, type Environment } from '../../contracts/settings/settings.js';
import { DEFAULT_DATA_FOLDER } from '../../supervisor/config.js';
import type { Flags } from './flags.js';

export interface MonitorConfig {
  readonly dataFolder: string;
  /** Somebody named it: another system than the one there is not meant. */
  readonly isFolderNamed: boolean;
  /** Absent where nobody said; with `live` that is real AWS. */
  readonly endpointSqs: string | undefined;
  readonly endpointDynamodb: string | undefined;
  /** On this machine, where nothing else tells where it is: at the port where STACK_PORT puts it. */
  readonly defaultEndpoint: string;
  /** The project of Docker Compose, where several run. */
  readonly composeProject: string | undefined;
  readonly region: string;
  /** The access key of the stack, where the supervisor names none. */
  readonly stackAccessKeyId: string | undefined;
  readonly live: boolean;
  readonly workerSlots: number;
  readonly hasColor: boolean;
  readonly isAscii: boolean;
  /** Draws nothing: it is asked once and told in text. */
  readonly isDumb: boolean;
}

/** @throws SettingsError */
export function readMonitorConfig(
  flags: Pick<Flags, 'endpoint' | 'data' | 'ascii'>,
  environment: Environment,
  projectRoot: string,
  currentFolder: string,
): MonitorConfig {
  const settings = readSettings(shapeOf('monitor'), environment);
  const folder = flags.data ?? settings.BOOMERANG_DATA;
  const named = flags.endpoint === undefined ? undefined : checkedEndpoint(flags.endpoint);
  const locale = settings.LC_ALL ?? settings.LC_CTYPE ?? settings.LANG;
  return {
    dataFolder:
      folder === undefined ? join(projectRoot, DEFAULT_DATA_FOLDER) : resolve(currentFolder, folder),
    isFolderNamed: folder !== undefined,
    endpointSqs: named ?? settings.AWS_ENDPOINT_URL_SQS ?? settings.AWS_ENDPOINT_URL,
    endpointDynamodb: named ?? settings.AWS_ENDPOINT_URL_DYNAMODB ?? settings.AWS_ENDPOINT_URL,
    defaultEndpoint: `http://127.0.0.1:${settings.STACK_PORT}`,
    composeProject: settings.COMPOSE_PROJECT_NAME,
    region: settings.AWS_REGION,
    stackAccessKeyId: settings.STACK_ACCESS_KEY_ID,
    live: settings.BOOMERANG_AWS === 'live',
    workerSlots: settings.WORKER_SLOTS,
    hasColor: settings.NO_COLOR === undefined,
    // Where nothing is said of the locale, the terminal is newer than that.
    isAscii: flags.ascii || (locale !== undefined && !/utf-?8/i.test(locale)),
    isDumb: settings.TERM === 'dumb',
  };
}

function checkedEndpoint(endpoint: string): string {
  if (httpUrl().safeParse(endpoint).success) return endpoint;
  throw new SettingsError(`--endpoint ${endpoint} cannot be used: expected an http:// or https:// address`);
}
