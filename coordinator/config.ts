/** The coordinator's configuration, from its settings. */
import { servesAnybody } from '../contracts/http/open-host.js';
import { checkTogether } from '../contracts/settings/setting-conflicts.js';
import { shapeOf } from '../contracts/settings/settings-table.js';
import { readSettings, type Environment } from '../contracts/settings/settings.js';
import { keyRetentionHours, messageRetentionSeconds } from '../contracts/settings/work-settings.js';

const HOUR_MS = 3_600_000;

/** All but 4.8 KB of the bound under which DynamoDB, SQS and every emulator take a message: about 200 KB. */
const MAX_BATCH_BYTES = 200_000;

/** Beyond the time for deliveries: to give back what is left, and to end everything else. */
const RELEASE_DEADLINE_MS = 10_000;

export type CoordinatorConfig = ReturnType<typeof readConfig>;

/** @throws SettingsError naming the variable, the value and what was expected */
export function readConfig(environment: Environment) {
  const settings = readSettings(shapeOf('coordinator'), environment);
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
    /** Warnings of settings that work, but hardly as meant. */
    warnings,
  };
}
