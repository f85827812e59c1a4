/**
 * How a system works: what its coordinator reads, and what its supervisor tells those who want to know what they found,
 * defaults included.
 */
import { oneOf, readSettings, wholeNumber, type Environment } from './settings.js';

/** Without their defaults, which differ for whoever tries the system out. */
export const visibilityTimeoutSeconds = wholeNumber(1, 43_200);
export const invokeTimeoutMs = wholeNumber(1, 3_600_000);

export const WORK_SETTINGS = {
  DISPATCH: oneOf('least-loaded', 'round-robin').default('least-loaded'),
  REDELIVERY: oneOf('backoff', 'timeout').default('timeout'),
  MAX_BATCH_TASKS: wholeNumber(1, 256).default(32),
  /** Of its texts, as estimated: what keeps a batch of long ones well within INVOKE_TIMEOUT_MS. */
  MAX_BATCH_TOKENS: wholeNumber(1, 1_000_000).default(2048),
  BATCH_WINDOW_MS: wholeNumber(0, 1000).default(2),
  MAX_OUTSTANDING_TASKS: wholeNumber(1, 10_000_000).default(20_000),
  MAX_OUTSTANDING_BYTES: wholeNumber(1, 1_000_000_000_000).default(64 * 1024 * 1024),
  WORKER_SLOTS: wholeNumber(1, 100).default(2),
  VISIBILITY_TIMEOUT_SECONDS: visibilityTimeoutSeconds.default(30),
  INVOKE_TIMEOUT_MS: invokeTimeoutMs.default(10_000),
  MAX_RECEIVE_COUNT: wholeNumber(1, 1000).default(10),
  TASK_RETENTION_HOURS: wholeNumber(1, 8760).default(24),
  /** Where nobody says: as `keyRetentionHours` does. */
  KEY_RETENTION_HOURS: wholeNumber(1, 8760).optional(),
  SHUTDOWN_DEADLINE_MS: wholeNumber(0, 600_000).default(5000),
};

const DEFAULT_KEY_RETENTION_HOURS = 24;

/** Not longer than tasks are kept: a key leads to them. */
export function keyRetentionHours(settings: {
  readonly KEY_RETENTION_HOURS?: number | undefined;
  readonly TASK_RETENTION_HOURS: number;
}): number {
  const { KEY_RETENTION_HOURS, TASK_RETENTION_HOURS } = settings;
  return KEY_RETENTION_HOURS ?? Math.min(DEFAULT_KEY_RETENTION_HOURS, TASK_RETENTION_HOURS);
}

/** SQS keeps no message longer than 14 days. */
const LONGEST_MESSAGE_RETENTION_SECONDS = 14 * 24 * 3600;

/** Items outlive their messages: no message may come for a batch that is forgotten. */
export function messageRetentionSeconds(taskRetentionHours: number): number {
  return Math.min(taskRetentionHours * 3600, LONGEST_MESSAGE_RETENTION_SECONDS);
}

/** By name, as they are in force where the environment is that. @throws SettingsError */
export function describeWorkSettings(environment: Environment): Readonly<Record<string, string>> {
  const settings = readSettings(WORK_SETTINGS, environment);
  const inForce = { ...settings, KEY_RETENTION_HOURS: keyRetentionHours(settings) };
  return Object.fromEntries(Object.entries(inForce).map(([name, value]) => [name, String(value)]));
}
