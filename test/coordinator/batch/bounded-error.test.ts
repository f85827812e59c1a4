import { describe, expect, it } from 'vitest';
import { boundedError } from '../../../coordinator/batch/bounded-error.js';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const messageOf = (message: string, tasks: number) =>
  boundedError({ code: 'http_500', message }, tasks).message;

describe('boundedError', () => {
  it.each([
    ['ASCII', 'x'.repeat(256)],
    ['CJK', '字'.repeat(256)],
    ['emoji', '😀'.repeat(128)],
    ['control characters', '\u0001'.repeat(256)],
  ])('leaves 256 units of %s as they are in a batch of 32', (_, message) => {
    expect(messageOf(message, 32)).toBe(message);
  });

  it('lets no message be longer than that, however few the tasks are', () => {
    expect(messageOf('x'.repeat(257), 1)).toBe(`${'x'.repeat(255)}…`);
  });

  it.each(['x', '字', '😀', '\u0001', '"', '\ud800'])(
    'bounds what 256 errors of %j take together',
    (unit) => {
      const error = boundedError({ code: unit.repeat(64), message: unit.repeat(256) }, 256);
      expect(256 * (bytesOf(error) - bytesOf({ code: '', message: '' }))).toBeLessThanOrEqual(50_000);
    },
  );

  it('cuts between characters, shows that it did, and leaves a code of usual length whole', () => {
    const { code, message } = boundedError({ code: 'connection_lost', message: '😀'.repeat(128) }, 256);
    expect(code).toBe('connection_lost');
    expect(message).toMatch(/^(😀){40,}…$/u);
  });
});
