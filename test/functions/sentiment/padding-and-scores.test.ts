import { describe, expect, it } from 'vitest';
import { padRows } from '../../../functions/sentiment/padding.js';
import { likeliest } from '../../../functions/sentiment/scores.js';

describe('padRows', () => {
  it('fills up on the right and says what is real', () => {
    expect(padRows([[7, 8, 9], [5]], 1)).toEqual({
      shape: [2, 3],
      tokenIds: BigInt64Array.of(7n, 8n, 9n, 5n, 1n, 1n),
      mask: BigInt64Array.of(1n, 1n, 1n, 1n, 0n, 0n),
    });
  });
});

describe('likeliest', () => {
  it('gives the label of the highest logit and its softmax', () => {
    const { label, score } = likeliest(Float32Array.of(0, 2), ['NEGATIVE', 'POSITIVE']);
    expect(label).toBe('POSITIVE');
    expect(score).toBeCloseTo(Math.exp(2) / (1 + Math.exp(2)), 12);
  });

  it('survives logits that would overflow, and a label without a name', () => {
    expect(likeliest(Float32Array.of(1000, -1000), [])).toEqual({ label: 'LABEL_0', score: 1 });
  });
});
