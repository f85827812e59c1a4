import { describe, expect, it } from 'vitest';
import {
  bucketMs,
  bucketOf,
  mergeHistograms,
  percentile,
  type Histogram,
} from '../../../contracts/stats/histogram.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';

const TOLERANCE = 0.09;

function histogramOf(latenciesMs: readonly number[]): Histogram {
  return mergeHistograms(latenciesMs.map((ms) => ({ [bucketOf(ms)]: 1 })));
}

describe('bucketOf', () => {
  it('gives every latency a bucket whose middle is within 9 % of it', () => {
    for (let ms = 0.11; ms < 1_000_000; ms *= 1.037) {
      expect(Math.abs(bucketMs(bucketOf(ms)) / ms - 1)).toBeLessThan(TOLERANCE);
    }
  });

  it('never puts a longer latency into a lower bucket', () => {
    const buckets = Array.from({ length: 2000 }, (_, index) => bucketOf(index * 0.7));
    expect(buckets.toSorted((a, b) => a - b)).toEqual(buckets);
  });

  it('has one bucket for everything that is too short to tell, zero and less included', () => {
    expect(new Set([-5, 0, 0.0001, 0.1].map(bucketOf)).size).toBe(1);
  });
});

describe('mergeHistograms', () => {
  it('adds up bucket by bucket', () => {
    expect(mergeHistograms([{ 1: 2, 2: 1 }, { 2: 3 }, {}])).toEqual({ 1: 2, 2: 4 });
    expect(mergeHistograms([])).toEqual({});
  });
});

describe('percentile', () => {
  it('of nothing is nothing', () => {
    expect(percentile({}, 0.5)).toBeUndefined();
  });

  it('of one latency is that latency, whatever the share', () => {
    for (const share of [0, 0.5, 0.99, 1]) {
      expect(percentile(histogramOf([42]), share)).toBe(bucketMs(bucketOf(42)));
    }
  });

  it('is exact to 9 %', () => {
    const random = new SeededRandom(7);
    const latencies = Array.from({ length: 5000 }, () => 2 + 500 * random.next() ** 4).sort((a, b) => a - b);
    const histogram = histogramOf(latencies);
    for (const share of [0.01, 0.5, 0.9, 0.95, 0.99, 0.999]) {
      const exact = latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN;
      expect(Math.abs((percentile(histogram, share) ?? 0) / exact - 1)).toBeLessThan(TOLERANCE);
    }
  });

  it('sorts buckets by number, not by name', () => {
    const histogram = histogramOf([0.2, 0.2, 0.2, 900]);
    expect(percentile(histogram, 0.75)).toBeLessThan(1);
    expect(percentile(histogram, 0.76)).toBeGreaterThan(800);
  });

  it('is the same for the sum of parts as for the whole', () => {
    const parts = [histogramOf([1, 2, 3]), histogramOf([400, 500])];
    expect(percentile(mergeHistograms(parts), 0.6)).toBe(percentile(histogramOf([1, 2, 3, 400, 500]), 0.6));
  });
});
