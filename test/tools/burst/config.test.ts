import { describe, expect, it } from 'vitest';
import { readBurstConfig } from '../../../tools/burst/config.js';
import { createPaint } from '../../../tools/burst/paint.js';

describe('the environment of burst', () => {
  it.each([
    [{}, { disablesColors: false, isDumb: false }],
    [{ NO_COLOR: '' }, { disablesColors: false }],
    [{ NO_COLOR: '1' }, { disablesColors: true }],
    [{ TERM: 'dumb' }, { disablesColors: true, isDumb: true }],
    [{ API_KEY: 'secret' }, { apiKey: 'secret' }],
    [{}, { url: 'http://127.0.0.1:8080' }],
    [{ PORT: '18080' }, { url: 'http://127.0.0.1:18080' }],
  ])('%j', (environment, config) => {
    expect(readBurstConfig(environment)).toMatchObject(config);
  });

  it('paints only where colours are wanted', () => {
    expect(createPaint(false).bad('no')).toBe('no');
    expect(createPaint(true).bad('no')).toBe('\u001b[31mno\u001b[0m');
  });
});
