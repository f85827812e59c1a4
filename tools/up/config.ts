/** What the supervisor is to do, from flags and environment. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { durability, type Durability } from '../../contracts/durability.js';
import { faultsText, type FaultPlan } from '../../contracts/faults.js';
import { servesAnybody } from '../../contracts/open-host.js';
import {
  logLevel,
  oneOf,
  port,
  readSettings,
  wholeNumber,
  type Environment,
} from '../../contracts/settings.js';
import { SettingsError } from '../../contracts/errors.js';
import { WORK_SETTINGS } from '../../contracts/work-settings.js';
import { trialTimes } from './trial-times.js';

export interface UpConfig {
  readonly coordinator: { readonly host: string; readonly port: number };
  /** Where the stack's data, and what this copy notes of itself, lie. */
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
  readonly logLevel: string;
  /** What every child gets, its own settings aside. */
  readonly environment: Environment;
}

/** What brings a failed request back, and after how long at the most. */
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
const LOOPBACK = '127.0.0.1';
const text = () => z.string().optional();

export function readUpConfig(given: Environment, projectRoot: string, currentFolder: string): UpConfig {
  const settings = readSettings(
    {
      PORT: port().default(8080),
      HOST: z.string().default(LOOPBACK),
      STACK_PORT: port().default(4566),
      STACK_HOST: z.string().default(LOOPBACK),
      FUNCTION_PORT_BASE: port().default(9001),
      WORKERS: wholeNumber(1, 64).default(3),
      STACK_DURABILITY: durability(),
      BOOMERANG_DATA: text(),
      BOOMERANG_AWS: text(),
      AWS_ENDPOINT_URL: text(),
      AWS_ENDPOINT_URL_SQS: text(),
      AWS_ENDPOINT_URL_DYNAMODB: text(),
      MODEL: text(),
      FAULTS: faultsText.prefault('demo'),
      FAULT_SEED: text(),
      API_KEY: text(),
      ALLOW_OPEN: oneOf('0', '1').default('0'),
      WORKER_TOKEN: text(),
      LOG_LEVEL: logLevel(),
      REDELIVERY: WORK_SETTINGS.REDELIVERY,
    },
    given,
  );
  const times = trialTimes(given);
  servesAnybody(settings); // the coordinator would refuse it too, when half of all runs
  refusePortsThatDoNotExist(settings.FUNCTION_PORT_BASE, settings.WORKERS);
  const dataFolder =
    settings.BOOMERANG_DATA === undefined
      ? join(projectRoot, DEFAULT_DATA_FOLDER)
      : resolve(currentFolder, settings.BOOMERANG_DATA);
  const hasItsOwnStack =
    settings.BOOMERANG_AWS === 'live' ||
    settings.AWS_ENDPOINT_URL !== undefined ||
    settings.AWS_ENDPOINT_URL_SQS !== undefined ||
    settings.AWS_ENDPOINT_URL_DYNAMODB !== undefined;
  const workerToken = settings.WORKER_TOKEN ?? randomBytes(24).toString('base64url');
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
    apiKey: settings.API_KEY,
    workerToken,
    redelivery: { kind: settings.REDELIVERY, visibilityTimeoutSeconds: times.visibilityTimeoutSeconds },
    logLevel: settings.LOG_LEVEL,
    environment: {
      ...given,
      FAULTS: given['FAULTS'] || 'demo',
      VISIBILITY_TIMEOUT_SECONDS: String(times.visibilityTimeoutSeconds),
      INVOKE_TIMEOUT_MS: String(times.invokeTimeoutMs),
      WORKER_TOKEN: workerToken,
      LOG_FORMAT: 'json',
    },
  };
}

function refusePortsThatDoNotExist(portBase: number, workers: number): void {
  if (portBase + workers - 1 <= 65_535) return;
  throw new SettingsError(
    `FUNCTION_PORT_BASE=${portBase} cannot be used: expected room for ${workers} ports up to 65535`,
  );
}
