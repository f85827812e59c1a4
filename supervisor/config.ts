/** The supervisor's configuration, from flags and environment. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { SettingsError } from '../contracts/errors/errors.js';
import { servesAnybody } from '../contracts/http/open-host.js';
import type { Durability } from '../contracts/settings/durability.js';
import { PROCESS_SETTINGS } from '../contracts/settings/process-settings.js';
import { checkTogether } from '../contracts/settings/setting-conflicts.js';
import { shapeOf } from '../contracts/settings/settings-table.js';
import { readSettings, type Environment } from '../contracts/settings/settings.js';
import { WORK_SETTINGS } from '../contracts/settings/work-settings.js';
import type { FaultPlan } from '../contracts/worker/faults.js';
import { defaultTimeouts } from './default-timeouts.js';

export interface SupervisorConfig {
  readonly coordinator: { readonly host: string; readonly port: number };
  /** The folder of the stack's data and of this copy's own files. */
  readonly dataFolder: string;
  /** Absent where the stack is somebody else's: LocalStack, AWS. */
  readonly stack: EmbeddedStackConfig | undefined;
  readonly functions: { readonly count: number; readonly portBase: number };
  readonly model: string | undefined;
  readonly faults: FaultPlan;
  readonly faultSeed: string | undefined;
  readonly apiKey: string | undefined;
  readonly workerToken: string;
  readonly redelivery: Redelivery;
  /** The token of the control server and of the stack's network route. */
  readonly controlToken: string;
  /** The access key that the embedded stack requires; absent where it accepts any. */
  readonly stackAccessKeyId: string | undefined;
  /** The region of queue and tables. */
  readonly region: string;
  /** How long a stopping coordinator waits for its deliveries. */
  readonly drainDeadlineMs: number;
  readonly logLevel: string;
  /** The environment of every child, before its own settings. */
  readonly environment: Environment;
}

/** How a failed request is delivered again, and after how long at most. */
export interface Redelivery {
  readonly kind: 'backoff' | 'timeout';
  readonly visibilityTimeoutSeconds: number;
}

export interface EmbeddedStackConfig {
  readonly host: string;
  readonly port: number;
  readonly durability: Durability;
}

/** In the project's folder. */
export const DEFAULT_DATA_FOLDER = '.boomerang';

export function readSupervisorConfig(
  given: Environment,
  projectRoot: string,
  currentFolder: string,
): SupervisorConfig {
  const settings = readSettings(shapeOf('supervisor'), given);
  const allowOpen = settings.ALLOW_OPEN === '1';
  const apiKey = settings.API_KEY;
  // Coordinator and stack would refuse it too, when half of all runs.
  servesAnybody({
    host: settings.HOST,
    hostSetting: 'HOST',
    secret: apiKey,
    secretSetting: 'API_KEY',
    allowOpen,
  });
  const times = defaultTimeouts(given);
  const work = readSettings(WORK_SETTINGS, { ...given, ...times });
  checkTogether(work);
  requireValidPorts(settings.FUNCTION_PORT_BASE, settings.WORKERS);
  const dataFolder =
    settings.BOOMERANG_DATA === undefined
      ? join(projectRoot, DEFAULT_DATA_FOLDER)
      : resolve(currentFolder, settings.BOOMERANG_DATA);
  const hasItsOwnStack =
    settings.BOOMERANG_AWS === 'live' ||
    settings.AWS_ENDPOINT_URL !== undefined ||
    settings.AWS_ENDPOINT_URL_SQS !== undefined ||
    settings.AWS_ENDPOINT_URL_DYNAMODB !== undefined;
  const workerToken = settings.WORKER_TOKEN ?? newSecret();
  const controlToken = newSecret();
  const stackAccessKeyId =
    settings.STACK_ACCESS_KEY_ID ?? (apiKey === undefined || hasItsOwnStack ? undefined : newSecret());
  if (!hasItsOwnStack) {
    servesAnybody({
      host: settings.STACK_HOST,
      hostSetting: 'STACK_HOST',
      secret: stackAccessKeyId,
      secretSetting: 'API_KEY',
      allowOpen,
    });
  }
  return {
    coordinator: { host: settings.HOST, port: settings.PORT },
    dataFolder,
    stack: hasItsOwnStack
      ? undefined
      : { host: settings.STACK_HOST, port: settings.STACK_PORT, durability: settings.STACK_DURABILITY },
    functions: { count: settings.WORKERS, portBase: settings.FUNCTION_PORT_BASE },
    model: settings.MODEL,
    faults: settings.FAULTS,
    faultSeed: settings.FAULT_SEED,
    apiKey,
    workerToken,
    redelivery: {
      kind: work.REDELIVERY,
      visibilityTimeoutSeconds: work.VISIBILITY_TIMEOUT_SECONDS,
    },
    controlToken,
    stackAccessKeyId,
    region: settings.AWS_REGION,
    drainDeadlineMs: work.SHUTDOWN_DEADLINE_MS,
    logLevel: settings.LOG_LEVEL,
    environment: {
      ...given,
      FAULTS: given['FAULTS'] || PROCESS_SETTINGS.FAULTS.startDefault,
      ...times,
      WORKER_TOKEN: workerToken,
      STACK_ACCESS_KEY_ID: stackAccessKeyId,
      LOG_FORMAT: 'json',
    },
  };
}

function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

function requireValidPorts(portBase: number, workers: number): void {
  if (portBase + workers - 1 <= 65_535) return;
  throw new SettingsError(
    `FUNCTION_PORT_BASE=${portBase} cannot be used: expected room for ${workers} ports up to 65535`,
  );
}
