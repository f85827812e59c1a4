import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SettingsError } from '../../../contracts/errors/errors.js';
import { accessKeyId } from '../../../contracts/settings/stack-access.js';
import {
  httpUrl,
  logLevel,
  oneOf,
  port,
  readSettings,
  wholeNumber,
  type Environment,
} from '../../../contracts/settings/settings.js';

const SHAPE = {
  PORT: port().default(8080),
  SECRET: z.string('expected a secret'),
  COLOUR: oneOf('red', 'green').default('red'),
  STACK: httpUrl().optional(),
  BATCH: wholeNumber(1, 256).default(32),
  LOG_LEVEL: logLevel(),
};

const read = (environment: Environment) => readSettings(SHAPE, { SECRET: 's', ...environment });

function complaintOf(environment: Environment): string {
  try {
    readSettings(SHAPE, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('readSettings', () => {
  it('gives defaults for what is not set, an empty variable included', () => {
    const defaults = { PORT: 8080, SECRET: 's', COLOUR: 'red', BATCH: 32, LOG_LEVEL: 'info' };
    expect(read({})).toEqual(defaults);
    expect(read({ PORT: '', COLOUR: '', STACK: '', BATCH: '' })).toEqual(defaults);
  });

  it('takes zero for zero', () => {
    expect(read({ PORT: '0' }).PORT).toBe(0);
  });

  it('looks at nothing but what it was asked for', () => {
    expect(read({ PATH: '/bin', PROT: '1' })).not.toHaveProperty('PATH');
  });

  it('names the variable, the value and what was expected', () => {
    expect(complaintOf({ SECRET: 's', BATCH: 'many' })).toBe(
      'BATCH=many cannot be used: expected a whole number from 1 to 256',
    );
  });

  it('says what is not set', () => {
    expect(complaintOf({})).toBe('SECRET is not set: expected a secret');
    expect(complaintOf({ SECRET: '' })).toBe('SECRET is not set: expected a secret');
  });

  it('names all that is wrong at once, a line each', () => {
    expect(complaintOf({ PORT: '-1', COLOUR: 'blue', STACK: 'localhost:4566' }).split('\n')).toEqual([
      'PORT=-1 cannot be used: expected a whole number from 0 to 65535',
      'SECRET is not set: expected a secret',
      'COLOUR=blue cannot be used: expected one of: red, green',
      'STACK=localhost:4566 cannot be used: expected an http:// or https:// address',
    ]);
  });
});

describe('wholeNumber', () => {
  it.each(['1', '32', '256', '0032'])('takes %s', (value) => {
    expect(read({ BATCH: value }).BATCH).toBe(Number(value));
  });

  it.each(['0', '257', '-1', '+1', '1.0', '1e2', '0x10', ' 1', '1 ', 'NaN', 'Infinity', '٣'])(
    'refuses %j',
    (value) => {
      expect(complaintOf({ SECRET: 's', BATCH: value })).toContain(`BATCH=${value} cannot be used`);
    },
  );
});

describe('httpUrl', () => {
  it.each(['http://127.0.0.1:4566', 'https://sqs.eu-central-1.amazonaws.com', 'http://localstack:4566/'])(
    'takes %s',
    (value) => {
      expect(read({ STACK: value }).STACK).toBe(value);
    },
  );

  it.each(['localhost', '4566', 'ftp://host', 'http//host'])('refuses %s', (value) => {
    expect(complaintOf({ SECRET: 's', STACK: value })).toContain('expected an http:// or https:// address');
  });
});

describe('logLevel', () => {
  it('knows the levels of pino and no others', () => {
    for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) {
      expect(read({ LOG_LEVEL: level }).LOG_LEVEL).toBe(level);
    }
    expect(complaintOf({ SECRET: 's', LOG_LEVEL: 'verbose' })).toContain('LOG_LEVEL=verbose cannot be used');
  });

  it('never repeats a secret', () => {
    const shape = { STACK_ACCESS_KEY_ID: accessKeyId(), PORT: port() };
    const read = () => readSettings(shape, { STACK_ACCESS_KEY_ID: 's3cret / with spaces', PORT: 'x' });
    expect(read).toThrow('STACK_ACCESS_KEY_ID cannot be used: expected 16 to 128 letters');
    expect(read).toThrow('PORT=x cannot be used');
    expect(read).not.toThrow('s3cret');
  });
});
