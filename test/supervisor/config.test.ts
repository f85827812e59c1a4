import { describe, expect, it } from 'vitest';
import { SettingsError } from '../../contracts/errors/errors.js';
import { readConfig } from '../../coordinator/config.js';
import { readStackConfig } from '../../infra/embedded/config.js';
import { readSupervisorConfig } from '../../supervisor/config.js';
import { nameFlagsInMessage, readFlags } from '../../supervisor/flags.js';
import { planChildren, requiredPorts } from '../../supervisor/plan-children.js';

const read = (environment: Record<string, string>) =>
  readSupervisorConfig(environment, '/project', '/current');
const plan = (environment: Record<string, string>) =>
  planChildren(read(environment), '/project/dist', '4711');

function environmentOf(name: string, environment: Record<string, string>, urls: Record<string, string> = {}) {
  const child = plan(environment).find((spec) => spec.name === name);
  return child?.environment(new Map(Object.entries(urls)));
}

describe('flags', () => {
  it('become settings', () => {
    const flags = readFlags(['--workers', '5', '--faults', 'none', '--port=8081', '--fresh']);
    expect(flags).toEqual({ fresh: true, settings: { WORKERS: '5', FAULTS: 'none', PORT: '8081' } });
  });

  it('are named in messages about settings where they were given', () => {
    const flags = readFlags(['--workers', 'nine']);
    expect(nameFlagsInMessage('WORKERS=nine cannot be used, PORT=x neither', flags)).toBe(
      '--workers nine cannot be used, PORT=x neither',
    );
  });
});

describe('the plan of a run', () => {
  it('is a stack, a coordinator and three functions', () => {
    expect(plan({}).map(({ name }) => name)).toEqual([
      'stack',
      'coordinator',
      'worker-1',
      'worker-2',
      'worker-3',
    ]);
    expect(requiredPorts(read({})).map(({ port }) => port)).toEqual([8080, 4566, 9001, 9002, 9003]);
  });

  it.each([
    { AWS_ENDPOINT_URL: 'http://localhost:4566' },
    { AWS_ENDPOINT_URL_SQS: 'http://localhost:4566' },
    { AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:4566' },
    { BOOMERANG_AWS: 'live' },
  ])('has no stack where one is named: %o', (environment) => {
    expect(plan(environment).map(({ name }) => name)).not.toContain('stack');
  });

  it('gives each worker a file of its own for live faults, and lets the stack alone be emptied', () => {
    const files = ['worker-1', 'worker-2'].map(
      (name) => environmentOf(name, { BOOMERANG_DATA: 'd' })?.['FAULTS_FILE'],
    );
    expect(files).toEqual(['/current/d/faults/worker-1.json', '/current/d/faults/worker-2.json']);
    const withData = plan({}).filter(({ emptyData }) => emptyData !== undefined);
    expect(withData.map(({ name }) => name)).toEqual(['stack']);
  });

  it('stops the coordinator first and the stack last', () => {
    const stages = Object.fromEntries(plan({ WORKERS: '1' }).map(({ name, stopStage }) => [name, stopStage]));
    expect(stages).toEqual({ coordinator: 0, 'worker-1': 1, stack: 2 });
  });

  it('passes the environment on, and a setting of its own to each', () => {
    const given = { PORT: '8081', FAULTS: 'storm', DISPATCH: 'round-robin', API_KEY: 'k', HOST: '0.0.0.0' };
    expect(environmentOf('coordinator', given, { stack: 'http://127.0.0.1:4566' })).toMatchObject({
      ...given,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    });
    expect(environmentOf('worker-2', given)).toMatchObject({
      PORT: '9002',
      HOST: '127.0.0.1',
      WORKER_ID: 'worker-2',
      COORDINATOR_URL: 'http://127.0.0.1:8081',
      FAULTS: 'storm',
      API_KEY: undefined,
    });
  });

  it('lets all share one token and meet the demo faults', () => {
    const specs = plan({});
    const environments = specs.map((spec) => spec.environment(new Map()));
    expect(new Set(environments.map((environment) => environment['WORKER_TOKEN'])).size).toBe(1);
    expect(environments[0]?.['WORKER_TOKEN']).toHaveLength(32);
    expect(environments.map((environment) => environment['FAULTS'])).toEqual(specs.map(() => 'demo'));
  });

  it('lets all wait for seconds, not for half a minute, unless told otherwise', () => {
    for (const name of ['coordinator', 'worker-1'])
      expect(environmentOf(name, {})).toMatchObject({
        VISIBILITY_TIMEOUT_SECONDS: '5',
        INVOKE_TIMEOUT_MS: '4000',
      });
    expect(environmentOf('coordinator', { VISIBILITY_TIMEOUT_SECONDS: '3' })).toMatchObject({
      VISIBILITY_TIMEOUT_SECONDS: '3',
      INVOKE_TIMEOUT_MS: '2400',
    });
    expect(environmentOf('coordinator', {})).not.toHaveProperty('REDELIVERY');
  });

  it('gives a process that starts again the port that the others know', () => {
    const urls = { 'worker-1': 'http://127.0.0.1:40123', coordinator: 'http://127.0.0.1:40100' };
    const given = { FUNCTION_PORT_BASE: '0', PORT: '0' };
    expect(environmentOf('worker-1', given, urls)).toMatchObject({
      PORT: '40123',
      COORDINATOR_URL: 'http://127.0.0.1:40100',
    });
    expect(environmentOf('worker-2', given, urls)).toMatchObject({ PORT: '0' });
  });

  it('keeps data in the project, or where the current folder says', () => {
    expect(environmentOf('stack', {})?.['STACK_DATA']).toBe('/project/.boomerang/stack');
    expect(environmentOf('stack', { BOOMERANG_DATA: './here' })?.['STACK_DATA']).toBe('/current/here/stack');
  });

  it('refuses to serve anybody before anything starts, unless it has a key or is told to', () => {
    const reason = 'HOST=0.0.0.0 cannot be used: without API_KEY everybody who reaches it could use it';
    expect(() => read({ HOST: '0.0.0.0' })).toThrow(reason);
    expect(() => readConfig({ HOST: '0.0.0.0', WORKER_TOKEN: 't' })).toThrow(reason);
    for (const way of [{ API_KEY: 'k' }, { ALLOW_OPEN: '1' }])
      expect(read({ HOST: '0.0.0.0', ...way }).coordinator.host).toBe('0.0.0.0');
  });

  it('refuses a stack that serves anybody just so', () => {
    const STACK_HOST = '0.0.0.0';
    expect(() => read({ STACK_HOST })).toThrow(
      'STACK_HOST=0.0.0.0 cannot be used: without API_KEY everybody who reaches it could use it',
    );
    expect(() => readStackConfig({ STACK_HOST })).toThrow(
      'STACK_HOST=0.0.0.0 cannot be used: without STACK_ACCESS_KEY_ID',
    );
    expect(read({ STACK_HOST, ALLOW_OPEN: '1' }).stackAccessKeyId).toBeUndefined();
    expect(readStackConfig({ STACK_HOST, ALLOW_OPEN: '1' }).servesAnybody).toBe(true);
    expect(readStackConfig({ STACK_HOST, STACK_ACCESS_KEY_ID: 'a-secret-of-this-run' }).servesAnybody).toBe(
      false,
    );
    expect(read({ STACK_HOST, API_KEY: 'k' }).stackAccessKeyId).toHaveLength(32);
  });

  it('makes the stack want a secret of the run where clients need a key, and tells it to whom it concerns', () => {
    expect(read({}).stackAccessKeyId).toBeUndefined();
    expect(
      read({ API_KEY: 'k', AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }).stackAccessKeyId,
    ).toBeUndefined();
    const specs = plan({ API_KEY: 'k' });
    const given = Object.fromEntries(specs.map((spec) => [spec.name, spec.environment(new Map())]));
    const secret = given['stack']?.['STACK_ACCESS_KEY_ID'];
    expect(secret).toHaveLength(32);
    expect(given['coordinator']?.['STACK_ACCESS_KEY_ID']).toBe(secret);
    expect(given['worker-1']?.['STACK_ACCESS_KEY_ID']).toBeUndefined();
    expect(given['stack']?.['CONTROL_TOKEN']).toHaveLength(32);
    for (const name of ['coordinator', 'worker-1']) expect(given[name]?.['CONTROL_TOKEN']).toBeUndefined();
  });

  it.each([
    { WORKERS: '0' },
    { PORT: '65536' },
    { FAULTS: 'sometimes' },
    { FUNCTION_PORT_BASE: '65534' },
    { LOG_LEVEL: 'loud' },
    { REDELIVERY: 'never' },
  ])('refuses %o', (environment) => {
    expect(() => read(environment)).toThrow(SettingsError);
    expect(() => read(environment)).toThrow(Object.entries(environment)[0]?.join('='));
  });
});
