/** The coordinator's settings: the only place that knows their names in the environment. */
import { z } from 'zod';
import { hostList, networkList } from '../contracts/http/hosts.js';
import { checkTogether } from '../contracts/settings/setting-conflicts.js';
import { servesAnybody } from '../contracts/http/open-host.js';
import {
  awsRegion,
  httpUrl,
  logLevel,
  oneOf,
  port,
  readSettings,
  type Environment,
} from '../contracts/settings/settings.js';
import { accessKeyId } from '../contracts/settings/stack-access.js';
import {
  keyRetentionHours,
  messageRetentionSeconds,
  WORK_SETTINGS,
} from '../contracts/settings/work-settings.js';

const HOUR_MS = 3_600_000;

/** All but 4.8 KB of the bound under which DynamoDB, SQS and every emulator take a message: about 200 KB. */
const MAX_BATCH_BYTES = 200_000;

/** Beyond the time for deliveries: to give back what is left, and to end everything else. */
const RELEASE_DEADLINE_MS = 10_000;

const SETTINGS = {
  PORT: port().default(8080),
  HOST: z.string().default('127.0.0.1'),
  API_KEY: z.string().optional(),
  ALLOW_OPEN: oneOf('0', '1').default('0'),
  ALLOWED_HOSTS: hostList().prefault(''),
  WORKER_ADDRESSES: networkList().prefault(''),
  WORKER_TOKEN: z.string('expected the secret that coordinator and workers share'),
  COORDINATOR_ID: z.string().optional(),
  AWS_ENDPOINT_URL: httpUrl().optional(),
  AWS_ENDPOINT_URL_SQS: httpUrl().optional(),
  AWS_ENDPOINT_URL_DYNAMODB: httpUrl().optional(),
  AWS_REGION: awsRegion(),
  STACK_ACCESS_KEY_ID: accessKeyId().optional(),
  BOOMERANG_AWS: oneOf('live').optional(),
  ...WORK_SETTINGS,
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl().optional(),
  LOG_LEVEL: logLevel(),
};

export type CoordinatorConfig = ReturnType<typeof readConfig>;

/** @throws SettingsError naming the variable, the value and what was expected */
export function readConfig(environment: Environment) {
  const settings = readSettings(SETTINGS, environment);
  const warnings = checkTogether(settings);
  return {
    port: settings.PORT,
    host: settings.HOST,
    apiKey: settings.API_KEY,
    servesAnybody: servesAnybody({
      host: settings.HOST,
      hostSetting: 'HOST',
      secret: settings.API_KEY,
      secretSetting: 'API_KEY',
      allowOpen: settings.ALLOW_OPEN === '1',
    }),
    allowedHosts: settings.ALLOWED_HOSTS,
    workerAddresses: settings.WORKER_ADDRESSES,
    workerToken: settings.WORKER_TOKEN,
    coordinatorId: settings.COORDINATOR_ID,
    aws: {
      endpointSqs: settings.AWS_ENDPOINT_URL_SQS ?? settings.AWS_ENDPOINT_URL,
      endpointDynamodb: settings.AWS_ENDPOINT_URL_DYNAMODB ?? settings.AWS_ENDPOINT_URL,
      region: settings.AWS_REGION,
      live: settings.BOOMERANG_AWS === 'live',
      accessKeyId: settings.BOOMERANG_AWS === 'live' ? undefined : settings.STACK_ACCESS_KEY_ID,
    },
    dispatch: settings.DISPATCH,
    redelivery: settings.REDELIVERY,
    batch: {
      maxTasks: settings.MAX_BATCH_TASKS,
      maxBytes: MAX_BATCH_BYTES,
      maxTokens: settings.MAX_BATCH_TOKENS,
      windowMs: settings.BATCH_WINDOW_MS,
    },
    maxOutstandingTasks: settings.MAX_OUTSTANDING_TASKS,
    maxOutstandingBytes: settings.MAX_OUTSTANDING_BYTES,
    workerSlots: settings.WORKER_SLOTS,
    visibilityTimeoutSeconds: settings.VISIBILITY_TIMEOUT_SECONDS,
    invokeTimeoutMs: settings.INVOKE_TIMEOUT_MS,
    maxReceiveCount: settings.MAX_RECEIVE_COUNT,
    messageRetentionSeconds: messageRetentionSeconds(settings.TASK_RETENTION_HOURS),
    taskRetentionMs: settings.TASK_RETENTION_HOURS * HOUR_MS,
    keyRetentionMs: keyRetentionHours(settings) * HOUR_MS,
    shutdownDeadlineMs: settings.SHUTDOWN_DEADLINE_MS,
    stopDeadlineMs: settings.SHUTDOWN_DEADLINE_MS + RELEASE_DEADLINE_MS,
    tracesEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    logLevel: settings.LOG_LEVEL,
    /** What works, but hardly as meant. */
    warnings,
  };
}
