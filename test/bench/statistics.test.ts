import { describe, expect, it } from 'vitest';
import { mean, median, percentile, spread, sum } from '../../bench/statistics.js';

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('median', () => {
  it.each([
    [[7], 7],
    [[9, 1, 5], 5],
    [[4, 1, 2, 9], 3],
    [[10, 9, 8, 7, 100, 1], 8.5],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));
});

describe('percentile', () => {
  it.each([
    [0, 1],
    [0.01, 1],
    [0.5, 50],
    [0.505, 51],
    [0.99, 99],
    [1, 100],
  ])('%d of 1 to 100 is %d', (fraction, expected) =>
    expect(percentile(oneToHundred, fraction)).toBe(expected),
  );

  it('takes the largest where few values leave no other choice', () => {
    expect(percentile([3, 1, 2], 0.99)).toBe(3);
  });

  it('sorts by number', () => {
    expect(percentile([10, 9, 100], 0)).toBe(9);
  });
});

describe('all of them', () => {
  it('leave their input as it was', () => {
    const values = [3, 1, 2];
    spread(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('make up nothing out of nothing', () => {
    for (const statistic of [mean, median, spread]) expect(() => statistic([])).toThrow(RangeError);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(sum([])).toBe(0);
  });

  it('agree on what lies where', () => {
    expect(spread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
    expect(mean([1, 2, 6])).toBe(3);
  });
});
