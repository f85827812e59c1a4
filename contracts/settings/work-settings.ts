/** Settings: how tasks are handled. The coordinator reads them, and the supervisor reports them, defaults included. */
import { readBy, shapeIn, type SettingsSection } from './setting.js';
import { oneOf, readSettings, wholeNumber, type Environment } from './settings.js';

const VISIBILITY_TIMEOUT_SECONDS = wholeNumber(1, 43_200);
const INVOKE_TIMEOUT_MS = wholeNumber(1, 3_600_000);
const DISPATCHES = ['least-loaded', 'round-robin'] as const;
const REDELIVERIES = ['timeout', 'backoff'] as const;

export const WORK_SECTION = {
  DISPATCH: {
    schemas: readBy(oneOf(...DISPATCHES).default('least-loaded'), 'coordinator'),
    purpose:
      'How a worker is picked. `round-robin` gives each worker the same number of batches, however busy it is.',
    flag: { name: 'dispatch', group: 'how', describe: 'how a worker is picked', choices: DISPATCHES },
  },
  REDELIVERY: {
    schemas: readBy(oneOf('backoff', 'timeout').default('timeout'), 'coordinator'),
    purpose:
      '`timeout`: the visibility timeout alone brings failed work back. `backoff` shortens it after an error: at once after the first failure, then after a random 1 to 2^(n−2) seconds, at most 20. It never shortens it after the death of a worker, or while an answer may still come.',
    flag: {
      name: 'redelivery',
      group: 'how',
      describe: 'when a failed delivery comes again: after the visibility timeout, or soon, after a back-off',
      choices: REDELIVERIES,
    },
  },
  MAX_BATCH_TASKS: {
    schemas: readBy(wholeNumber(1, 256).default(32), 'coordinator'),
    purpose: 'How many tasks travel together. Raise it for throughput, lower it for latency under load.',
    unit: 'tasks',
    flag: { name: 'max-batch-tasks', group: 'how', describe: 'tasks that travel together' },
  },
  MAX_BATCH_TOKENS: {
    schemas: readBy(wholeNumber(1, 1_000_000).default(2048), 'coordinator'),
    purpose:
      'Bound for the texts of a batch. The estimate is one token per four characters, one per CJK character, at most 512 per text. Lower it when long texts outlast `INVOKE_TIMEOUT_MS`.',
    unit: 'estimated tokens',
    flag: { name: 'max-batch-tokens', group: 'how', describe: 'of their texts, as estimated' },
  },
  BATCH_WINDOW_MS: {
    schemas: readBy(wholeNumber(0, 1000).default(2), 'coordinator'),
    purpose: 'How long arrivals gather while the system is busy. Raise it for larger batches.',
    unit: 'ms',
  },
  MAX_OUTSTANDING_TASKS: {
    schemas: readBy(wholeNumber(1, 10_000_000).default(20_000), 'coordinator'),
    purpose: 'Above it, the coordinator answers 429. Lower it to refuse early instead of queueing long.',
    unit: 'tasks',
  },
  MAX_OUTSTANDING_BYTES: {
    schemas: readBy(wholeNumber(1, 1_000_000_000_000).default(64 * 1024 * 1024), 'coordinator'),
    purpose:
      'The same for the bytes of texts in messages: one per ASCII character, six for any other. Lower it to bound memory.',
    unit: 'bytes',
  },
  WORKER_SLOTS: {
    schemas: readBy(wholeNumber(1, 100).default(2), 'coordinator', 'monitor'),
    purpose:
      'Invokes that a worker may hold: with two, one runs and one is ready. With one, a worker idles between invokes.',
    unit: 'invokes',
  },
  VISIBILITY_TIMEOUT_SECONDS: {
    schemas: {
      supervisor: VISIBILITY_TIMEOUT_SECONDS.optional(),
      ...readBy(VISIBILITY_TIMEOUT_SECONDS.default(30), 'coordinator', 'worker'),
    },
    purpose:
      'When the message of an unanswered delivery returns. Lower it to recover sooner, raise it for slow functions.',
    unit: 's',
    startDefault: '5',
    flag: {
      name: 'visibility-timeout',
      group: 'how',
      describe: 'seconds until an unanswered delivery comes again',
    },
  },
  INVOKE_TIMEOUT_MS: {
    schemas: {
      supervisor: INVOKE_TIMEOUT_MS.optional(),
      coordinator: INVOKE_TIMEOUT_MS.default(10_000),
    },
    purpose:
      'How long a slot waits for an answer. Keep it below the visibility timeout; the default of `npm start` is at most 80 % of it.',
    unit: 'ms',
    startDefault: '4000',
    flag: {
      name: 'invoke-timeout',
      group: 'how',
      describe: 'milliseconds after which a worker that does not answer gets other work',
      defaultText: '4000, at most 80 % of the visibility timeout',
    },
  },
  FUNCTION_TIMEOUT_MS: {
    schemas: readBy(wholeNumber(50, 43_200_000).optional(), 'worker'),
    purpose:
      'How long a function may take for an invoke before its worker ends it. Lower it to notice hangs sooner; below `INVOKE_TIMEOUT_MS` it ends functions that are merely slow.',
    unit: 'ms',
    defaultText: '90 % of the visibility timeout',
    flag: {
      name: 'function-timeout',
      group: 'how',
      describe: 'milliseconds that a function may take for an invoke before it is ended',
      defaultText: '90 % of the visibility timeout',
    },
  },
  FUNCTION_MEMORY_MB: {
    // No tokenizer can be loaded with less than 64.
    schemas: readBy(wholeNumber(64, 1_048_576).default(512), 'worker'),
    purpose:
      'How much a function may take, in its heap and beyond what it was loaded with, before it is ended. Raise it for larger models.',
    unit: 'MB',
    flag: {
      name: 'function-memory',
      group: 'how',
      describe: 'megabytes that a function may take before it is ended',
    },
  },
  MAX_RECEIVE_COUNT: {
    schemas: readBy(wholeNumber(1, 1000).default(10), 'coordinator'),
    purpose:
      'After so many receives the message goes to the dead-letter queue. Raise it if workers fail often; below 3, one bad text fails its whole batch.',
    unit: 'receives',
    flag: { name: 'max-receive-count', group: 'how', describe: 'deliveries before a task is given up' },
  },
  TASK_RETENTION_HOURS: {
    schemas: readBy(wholeNumber(1, 8760).default(24), 'coordinator'),
    purpose: 'How long tasks and messages (at most 14 days) are kept. Lower it to save disk.',
    unit: 'h',
  },
  KEY_RETENTION_HOURS: {
    schemas: readBy(wholeNumber(1, 8760).optional(), 'coordinator'),
    purpose:
      'How long idempotency keys are kept; at most as long as tasks. Lower it to accept a key again sooner.',
    unit: 'h',
    defaultText: '24, or the task retention if that is shorter',
  },
  SHUTDOWN_DEADLINE_MS: {
    schemas: readBy(wholeNumber(0, 600_000).default(5000), 'coordinator'),
    readBy: ['S', 'C'],
    purpose:
      'How long a stopping coordinator lets running deliveries end before it returns the rest to the queue. Raise it for slow functions.',
    unit: 'ms',
    notFromComposeBecause: 'the stop_grace_period of the Compose file allows for the default',
  },
} as const satisfies SettingsSection;

export const WORK_SETTINGS = shapeIn(WORK_SECTION, 'coordinator');

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
const MAX_MESSAGE_RETENTION_SECONDS = 14 * 24 * 3600;

/** Items outlive their messages: no message may come for a batch that is forgotten. */
export function messageRetentionSeconds(taskRetentionHours: number): number {
  return Math.min(taskRetentionHours * 3600, MAX_MESSAGE_RETENTION_SECONDS);
}

/** By name, as they are in force where the environment is that. @throws SettingsError */
export function describeWorkSettings(environment: Environment): Readonly<Record<string, string>> {
  const settings = readSettings(WORK_SETTINGS, environment);
  const inForce = { ...settings, KEY_RETENTION_HOURS: keyRetentionHours(settings) };
  return Object.fromEntries(Object.entries(inForce).map(([name, value]) => [name, String(value)]));
}
