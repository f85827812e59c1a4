import { describe, expect, it } from 'vitest';
import { SettingsError } from '../../../contracts/errors/errors.js';
import { FAULT_PROFILES } from '../../../contracts/worker/faults.js';
import { isLoopback } from '../../../contracts/http/hosts.js';
import { readWorkerConfig } from '../../../functions/runtime/settings.js';
import { readConfig } from '../../../functions/sentiment/config.js';

const WORKER_TOKEN = 'secret';

describe('readWorkerConfig', () => {
  it('needs a token and nothing else', () => {
    expect(readWorkerConfig({ WORKER_TOKEN })).toEqual({
      host: '127.0.0.1',
      allowedHosts: [],
      port: 9001,
      workerId: 'worker-1',
      coordinatorUrl: 'http://127.0.0.1:8080',
      token: WORKER_TOKEN,
      faults: FAULT_PROFILES.none,
      visibilityTimeoutSeconds: 30,
      limits: { timeoutMs: 27_000, memoryMb: 512 },
    });
    expect(() => readWorkerConfig({})).toThrow(SettingsError);
    expect(() => readWorkerConfig({ WORKER_TOKEN: '' })).toThrow('WORKER_TOKEN is not set');
  });

  it('ends a function before its message comes back, or when it is told to', () => {
    const limitsOf = (environment: Record<string, string>) =>
      readWorkerConfig({ WORKER_TOKEN, ...environment }).limits;
    expect(limitsOf({ VISIBILITY_TIMEOUT_SECONDS: '5' }).timeoutMs).toBe(4500);
    expect(limitsOf({ FUNCTION_TIMEOUT_MS: '700', FUNCTION_MEMORY_MB: '64' })).toEqual({
      timeoutMs: 700,
      memoryMb: 64,
    });
    expect(() => limitsOf({ FUNCTION_TIMEOUT_MS: '0' })).toThrow('FUNCTION_TIMEOUT_MS=0 cannot be used');
    expect(() => limitsOf({ FUNCTION_MEMORY_MB: '1' })).toThrow('FUNCTION_MEMORY_MB=1 cannot be used');
  });

  it('names a worker after its port', () => {
    expect(readWorkerConfig({ WORKER_TOKEN, PORT: '9003' }).workerId).toBe('worker-3');
    expect(readWorkerConfig({ WORKER_TOKEN, PORT: '7000' }).workerId).toBe('worker-7000');
    expect(readWorkerConfig({ WORKER_TOKEN, WORKER_ID: 'anna' }).workerId).toBe('anna');
  });

  it('is known by the name of its machine where it listens beyond loopback', () => {
    const inContainer = { WORKER_TOKEN, HOST: '0.0.0.0', PORT: '9000' };
    expect(readWorkerConfig(inContainer, 'f3ab')).toMatchObject({
      workerId: 'f3ab',
      address: 'http://f3ab:9000',
    });
    const address = 'http://function-2:9000';
    expect(readWorkerConfig({ ...inContainer, WORKER_ADDRESS: address }).address).toBe(address);
  });

  it.each([
    [{ FAULTS: 'error=2' }, 'FAULTS=error=2 cannot be used: error=2: expected a probability'],
    [{ PORT: '90001' }, 'PORT=90001 cannot be used'],
    [{ WORKER_ID: 'a/b' }, 'WORKER_ID=a/b cannot be used: expected up to 64'],
    [{ COORDINATOR_URL: 'localhost' }, 'COORDINATOR_URL=localhost cannot be used'],
  ])('refuses %o', (settings, reason) => {
    expect(() => readWorkerConfig({ WORKER_TOKEN, ...settings })).toThrow(reason);
  });
});

describe('isLoopback', () => {
  it('knows this machine by all its names', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.evil.example'].some(isLoopback)).toBe(false);
  });
});

describe('readConfig', () => {
  it('takes the bundled model unless told otherwise', () => {
    expect(readConfig({ WORKER_TOKEN }).sentiment.model).toBeUndefined();
    expect(readConfig({ WORKER_TOKEN, MODEL: 'some/model' }).sentiment.model).toBe('some/model');
  });
});
