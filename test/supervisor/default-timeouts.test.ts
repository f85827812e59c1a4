import { describe, expect, it } from 'vitest';
import { defaultTimeouts } from '../../supervisor/default-timeouts.js';

describe('the times of npm start', () => {
  it.each([
    [{}, 5, 4000],
    [{ VISIBILITY_TIMEOUT_SECONDS: '', INVOKE_TIMEOUT_MS: '' }, 5, 4000],
    [{ VISIBILITY_TIMEOUT_SECONDS: '30' }, 30, 4000],
    [{ VISIBILITY_TIMEOUT_SECONDS: '3' }, 3, 2400],
    [{ INVOKE_TIMEOUT_MS: '3000' }, 5, 3000],
    [{ INVOKE_TIMEOUT_MS: '10000' }, 13, 10_000],
    [{ VISIBILITY_TIMEOUT_SECONDS: '2', INVOKE_TIMEOUT_MS: '9000' }, 2, 9000],
  ])('with %o are %i s and %i ms', (given, seconds, ms) => {
    expect(defaultTimeouts(given)).toEqual({
      VISIBILITY_TIMEOUT_SECONDS: String(seconds),
      INVOKE_TIMEOUT_MS: String(ms),
    });
  });

  it('are refused where they cannot be used', () => {
    expect(() => defaultTimeouts({ VISIBILITY_TIMEOUT_SECONDS: '0' })).toThrow(
      'VISIBILITY_TIMEOUT_SECONDS=0',
    );
  });
});
