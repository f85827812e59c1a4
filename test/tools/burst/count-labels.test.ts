import { describe, expect, it } from 'vitest';
import { countLabels, showLabel } from '../../../tools/burst/count-labels.js';

describe('the labels of a request', () => {
  it.each([
    [['POSITIVE', 'NEGATIVE', 'POSITIVE'], '1 NEGATIVE, 2 POSITIVE'],
    [['joy', 'anger', 'joy', 'LABEL_0'], '1 anger, 2 joy, 1 LABEL_0'],
    [['5 stars', '1 star', '10 stars'], '1 1 star, 1 5 stars, 1 10 stars'],
    [['a', 'b', 'c', 'd', 'e', 'f', 'g', 'g'], '1 a, 1 b, 1 c, 1 d, 1 e, 3 others'],
    [[undefined, 'x'], '1 (no label), 1 x'],
  ])('%j are counted as they are', (labels, line) => {
    expect(countLabels(labels)).toBe(line);
  });

  it('do nothing to the terminal, and end', () => {
    expect(showLabel('\u001b[31mred\u0007')).toBe('�[31mred�');
    expect(showLabel('x'.repeat(100))).toBe(`${'x'.repeat(23)}…`);
  });
});
