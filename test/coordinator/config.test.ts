import { describe, expect, it } from 'vitest';
import { SettingsError } from '../../contracts/errors/errors.js';
import { readConfig } from '../../coordinator/config.js';

const WORKER_TOKEN = 'token-of-the-workers';
const read = (environment: Record<string, string> = {}) => readConfig({ WORKER_TOKEN, ...environment });

describe('the coordinator without settings', () => {
  it('has the documented defaults', () => {
    expect(read()).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      apiKey: undefined,
      servesAnybody: false,
      workerToken: WORKER_TOKEN,
      aws: { endpointSqs: undefined, endpointDynamodb: undefined, live: false },
      dispatch: 'least-loaded',
      redelivery: 'timeout',
      batch: { maxTasks: 32, maxTokens: 2048, windowMs: 2 },
      maxOutstandingTasks: 20_000,
      maxOutstandingBytes: 67_108_864,
      workerSlots: 2,
      visibilityTimeoutSeconds: 30,
      invokeTimeoutMs: 10_000,
      maxReceiveCount: 10,
      taskRetentionMs: 24 * 3_600_000,
      keyRetentionMs: 24 * 3_600_000,
      logLevel: 'info',
    });
  });

  it('keeps keys no longer than tasks', () => {
    expect(read({ TASK_RETENTION_HOURS: '12' }).keyRetentionMs).toBe(12 * 3_600_000);
    expect(read({ TASK_RETENTION_HOURS: '48' }).keyRetentionMs).toBe(24 * 3_600_000);
    expect(read().warnings).toEqual([]);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(read({ PORT: '', HOST: '', API_KEY: '', MAX_BATCH_TASKS: '' })).toEqual(read());
  });

  it('bounds a batch by about 200 KB', () => {
    expect(read().batch.maxBytes).toBeGreaterThan(190_000);
    expect(read().batch.maxBytes).toBeLessThanOrEqual(204_800);
  });

  it('needs the token of the workers', () => {
    expect(() => readConfig({})).toThrow('WORKER_TOKEN is not set: expected the secret');
  });
});

describe('settings', () => {
  it.each([
    [{ PORT: '0' }, { port: 0 }],
    [{ DISPATCH: 'round-robin' }, { dispatch: 'round-robin' }],
    [{ REDELIVERY: 'backoff' }, { redelivery: 'backoff' }],
    [{ MAX_BATCH_TASKS: '256' }, { batch: { maxTasks: 256 } }],
    [{ MAX_BATCH_TOKENS: '512' }, { batch: { maxTokens: 512 } }],
    [{ BATCH_WINDOW_MS: '0' }, { batch: { windowMs: 0 } }],
    [{ BOOMERANG_AWS: 'live' }, { aws: { live: true } }],
    [{ AWS_REGION: 'eu-central-1' }, { aws: { region: 'eu-central-1' } }],
    [{ TASK_RETENTION_HOURS: '1' }, { taskRetentionMs: 3_600_000, messageRetentionSeconds: 3600 }],
    [{ LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
  ])('%o are taken', (environment, expected) => {
    expect(read(environment)).toMatchObject(expected);
  });

  it('for one service win over the one for both', () => {
    const aws = read({ AWS_ENDPOINT_URL: 'http://both:4566', AWS_ENDPOINT_URL_SQS: 'http://queue:9324' }).aws;
    expect(aws).toMatchObject({ endpointSqs: 'http://queue:9324', endpointDynamodb: 'http://both:4566' });
  });

  it('never let a message outlive its item', () => {
    for (const hours of ['1', '24', '400', '8760']) {
      const { messageRetentionSeconds, taskRetentionMs } = read({ TASK_RETENTION_HOURS: hours });
      expect(messageRetentionSeconds * 1000).toBeLessThanOrEqual(taskRetentionMs);
      expect(messageRetentionSeconds).toBeLessThanOrEqual(14 * 24 * 3600);
    }
  });
});

describe('a value that cannot be used', () => {
  it.each([
    ['PORT', '65536', 'expected a whole number from 0 to 65535'],
    ['PORT', 'http', 'expected a whole number from 0 to 65535'],
    ['ALLOW_OPEN', 'yes', 'expected one of: 0, 1'],
    ['AWS_ENDPOINT_URL', 'localhost:4566', 'expected an http:// or https:// address'],
    ['AWS_ENDPOINT_URL_SQS', 'sqs', 'expected an http:// or https:// address'],
    ['AWS_ENDPOINT_URL_DYNAMODB', 'tcp://x:1', 'expected an http:// or https:// address'],
    ['BOOMERANG_AWS', 'true', 'expected one of: live'],
    ['DISPATCH', 'random', 'expected one of: least-loaded, round-robin'],
    ['REDELIVERY', 'never', 'expected one of: backoff, timeout'],
    ['MAX_BATCH_TASKS', '0', 'expected a whole number from 1 to 256'],
    ['MAX_BATCH_TASKS', '257', 'expected a whole number from 1 to 256'],
    ['BATCH_WINDOW_MS', '-1', 'expected a whole number from 0 to 1000'],
    ['BATCH_WINDOW_MS', '2ms', 'expected a whole number from 0 to 1000'],
    ['MAX_OUTSTANDING_TASKS', '0', 'expected a whole number from 1 to'],
    ['MAX_OUTSTANDING_BYTES', '64M', 'expected a whole number from 1 to'],
    ['WORKER_SLOTS', '0', 'expected a whole number from 1 to 100'],
    ['VISIBILITY_TIMEOUT_SECONDS', '0', 'expected a whole number from 1 to 43200'],
    ['VISIBILITY_TIMEOUT_SECONDS', '0.5', 'expected a whole number from 1 to 43200'],
    ['INVOKE_TIMEOUT_MS', '0', 'expected a whole number from 1 to 3600000'],
    ['MAX_RECEIVE_COUNT', '1001', 'expected a whole number from 1 to 1000'],
    ['TASK_RETENTION_HOURS', '0', 'expected a whole number from 1 to 8760'],
    ['KEY_RETENTION_HOURS', 'day', 'expected a whole number from 1 to 8760'],
    ['SHUTDOWN_DEADLINE_MS', '1e3', 'expected a whole number from 0 to 600000'],
    ['LOG_LEVEL', 'loud', 'expected one of: fatal, error, warn'],
  ])('%s=%s stops the start and says why', (name, value, expected) => {
    const attempt = () => read({ [name]: value });
    expect(attempt).toThrow(SettingsError);
    expect(attempt).toThrow(`${name}=${value} cannot be used: ${expected}`);
  });
});

describe('promise 14: closed unless told otherwise', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'coordinator', '127.evil.example'])(
    'does not bind to %s without a key',
    (host) => {
      expect(() => read({ HOST: host })).toThrow(SettingsError);
      expect(() => read({ HOST: host })).toThrow(`HOST=${host} cannot be used: without API_KEY`);
      expect(() => read({ HOST: host, ALLOW_OPEN: '0' })).toThrow(SettingsError);
      expect(() => read({ HOST: host, API_KEY: '' })).toThrow(SettingsError);
    },
  );

  it('binds wider with a key', () => {
    expect(read({ HOST: '0.0.0.0', API_KEY: 'open-sesame' })).toMatchObject({
      host: '0.0.0.0',
      apiKey: 'open-sesame',
      servesAnybody: false,
    });
  });

  it('binds wider without one where that is asked for, and knows that anybody may come', () => {
    expect(read({ HOST: '0.0.0.0', ALLOW_OPEN: '1' })).toMatchObject({ servesAnybody: true });
  });

  it.each(['127.0.0.1', '::1', 'localhost'])('needs no key on %s', (host) => {
    expect(read({ HOST: host })).toMatchObject({ host, servesAnybody: false });
    expect(read({ HOST: host, ALLOW_OPEN: '1' }).servesAnybody).toBe(false);
  });
});

describe('settings that are at odds', () => {
  it.each([
    [{ KEY_RETENTION_HOURS: '48' }, /KEY_RETENTION_HOURS=48 .*TASK_RETENTION_HOURS=24/],
    [
      { KEY_RETENTION_HOURS: '2', TASK_RETENTION_HOURS: '1' },
      /KEY_RETENTION_HOURS=2 .*TASK_RETENTION_HOURS=1/,
    ],
    [
      { VISIBILITY_TIMEOUT_SECONDS: '3600', TASK_RETENTION_HOURS: '1' },
      /VISIBILITY_TIMEOUT_SECONDS=3600 .*TASK_RETENTION_HOURS=1/,
    ],
  ])('stop the start, both named: %j', (environment, message) => {
    expect(() => read(environment)).toThrow(SettingsError);
    expect(() => read(environment)).toThrow(message);
  });

  it.each([
    [
      { VISIBILITY_TIMEOUT_SECONDS: '5', INVOKE_TIMEOUT_MS: '5000' },
      /INVOKE_TIMEOUT_MS=5000 is not below VISIBILITY_TIMEOUT_SECONDS=5/,
    ],
    [{ VISIBILITY_TIMEOUT_SECONDS: '3000', TASK_RETENTION_HOURS: '1' }, /MAX_RECEIVE_COUNT=10 .*forgotten/],
    [{ MAX_RECEIVE_COUNT: '2' }, /MAX_RECEIVE_COUNT=2: .*whole batch/],
    [{ MAX_OUTSTANDING_TASKS: '100' }, /MAX_OUTSTANDING_TASKS=100: .*refused/],
  ])('are warned of where they work all the same: %j', (environment, warning) => {
    expect(read(environment).warnings).toEqual([expect.stringMatching(warning)]);
  });

  it('name a region that is none', () => {
    expect(() => read({ AWS_REGION: 'eu west' })).toThrow(/AWS_REGION=eu west cannot be used/);
  });
});
