import { describe, expect, it } from 'vitest';
import { BucketCounts } from '../../../coordinator/measures/bucket-counts.js';
import { LabeledCounts } from '../../../coordinator/measures/labeled-counts.js';

describe('bucket counts', () => {
  it('count a value in every bucket whose bound is not below it', () => {
    const counts = new BucketCounts([1, 10, 100]);
    for (const value of [0.5, 1, 1.5, 10, 99, 100.1, 5000]) counts.observe(value);
    expect(counts.cumulative()).toEqual([2, 4, 5]);
    expect(counts.count).toBe(7);
    expect(counts.sum).toBeCloseTo(5212.1);
  });

  it('are all zero at first', () => {
    const counts = new BucketCounts([1, 2]);
    expect([...counts.cumulative(), counts.count, counts.sum]).toEqual([0, 0, 0, 0]);
  });
});

describe('counts by words', () => {
  it('add up by combination', () => {
    const counts = new LabeledCounts(2);
    counts.add(1, 'failed', 'error');
    counts.add(2, 'failed', 'none');
    counts.add(3, 'failed', 'error');
    expect([...counts.entries()]).toEqual([
      [['failed', 'error'], 4],
      [['failed', 'none'], 2],
    ]);
  });

  it('take no word too many or too few', () => {
    expect(() => new LabeledCounts(2).add(1, 'failed')).toThrow(RangeError);
  });

  it('are bounded, since a word may come from outside', () => {
    const counts = new LabeledCounts(1);
    for (let nth = 0; nth < 2000; nth += 1) counts.add(1, `word-${nth}`);
    counts.add(1, 'word-0');
    expect([...counts.entries()]).toHaveLength(500);
    expect([...counts.entries()][0]).toEqual([['word-0'], 2]);
  });
});
