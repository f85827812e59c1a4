/** Figures out of many measurements. All of them throw where there is nothing to tell from. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: percentile(values, 0), max: percentile(values, 1) };
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no mean of nothing');
  return sum(values) / values.length;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length / 2;
  return (at(sorted, Math.ceil(middle) - 1) + at(sorted, Math.floor(middle))) / 2;
}

/** Nearest rank: the smallest value that at least `fraction` (0–1) of all values do not exceed. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = ascending(values);
  return at(sorted, Math.max(0, Math.ceil(fraction * sorted.length) - 1));
}

function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b);
}

function at(sorted: readonly number[], index: number): number {
  const value = sorted[index];
  if (value === undefined) throw new RangeError('no statistics of nothing');
  return value;
}
