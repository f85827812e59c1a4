/**
 * Latencies as counts by logarithmic bucket, eight to a doubling: a percentile is exact to 9 %, and histograms of
 * several seconds or coordinators add up.
 */
export type Histogram = Readonly<Record<string, number>>;

const BUCKETS_PER_DOUBLING = 8;
const MIN_MS = 0.1;

export function bucketOf(ms: number): number {
  return Math.ceil(Math.log2(Math.max(ms, MIN_MS) / MIN_MS) * BUCKETS_PER_DOUBLING);
}

/** The middle of a bucket, milliseconds. */
export function bucketMs(bucket: number): number {
  return MIN_MS * 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING);
}

export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const merged: Record<string, number> = {};
  for (const histogram of histograms) {
    for (const [bucket, count] of Object.entries(histogram)) merged[bucket] = (merged[bucket] ?? 0) + count;
  }
  return merged;
}

/** @param share such as 0.95 @returns milliseconds; `undefined` of an empty histogram */
export function percentile(histogram: Histogram, share: number): number | undefined {
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .sort(([a], [b]) => a - b);
  const rank = share * buckets.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= rank) return bucketMs(bucket);
  }
  return undefined;
}
