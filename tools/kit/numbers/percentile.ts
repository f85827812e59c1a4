/** Nearest rank: the smallest value that at least `fraction` (0–1) of all values do not exceed; nothing of nothing. */
export function percentile(values: readonly number[], fraction: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
}
