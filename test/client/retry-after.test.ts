import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../client/retry-after.js';

describe('Retry-After', () => {
  const now = Date.parse('2026-03-04T05:06:07.500Z');

  it.each([
    ['0', 0],
    ['7', 7000],
    ['Wed, 04 Mar 2026 05:06:10 GMT', 2500],
    ['Wed, 04 Mar 2026 05:06:00 GMT', 0],
    ['Wed, 04 Mar 2037 05:06:00 GMT', 86_400_000],
  ])('%j is %i ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });

  it.each([
    undefined,
    '',
    '-1',
    '1.5',
    '1e3',
    'soon',
    '2026-03-04',
    'Wed, 99 Foo 2026 05:06:10 GMT',
    ['1', '2'],
  ])('%j says nothing', (header) => {
    expect(retryAfterMs(header, now)).toBeUndefined();
  });
});
