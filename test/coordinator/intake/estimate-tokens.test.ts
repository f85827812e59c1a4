import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../../coordinator/intake/estimate-tokens.js';

describe('estimateTokens', () => {
  it.each([
    ['', 2],
    ['good', 3],
    ['The acting is wonderful and it made me laugh all the way through the evening', 21],
    ['这部电影很好看', 9],
    ['とても面白い', 8],
    ['😀😀', 4],
  ])('of %j are %i', (text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });

  it('end where the model reads no further, whatever the script', () => {
    for (const text of ['a'.repeat(10_000), '好'.repeat(10_000), '😀'.repeat(5000)])
      expect(estimateTokens(text)).toBe(512);
  });
});
