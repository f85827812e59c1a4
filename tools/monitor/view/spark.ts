/** A line of small bars: the latest values of a series, newest at the right. */
import type { Glyphs } from './glyphs.js';

/** `undefined` where nothing is known, which is another thing than zero. */
export type Series = readonly (number | undefined)[];

export function sparkline(series: Series, width: number, { spark }: Glyphs): string {
  const shown = series.slice(-width);
  const highest = Math.max(...shown.map((value) => value ?? 0));
  const bars = shown.map((value) => {
    if (value === undefined) return ' ';
    if (value <= 0 || highest <= 0) return spark[0] ?? ' ';
    return spark[Math.max(1, Math.ceil((value / highest) * spark.length) - 1)] ?? ' ';
  });
  return bars.join('').padStart(width);
}

export function bar(value: number, most: number, width: number, { full, empty }: Glyphs): string {
  const filled = most <= 0 ? 0 : Math.min(width, Math.round((value / most) * width));
  return full.repeat(filled) + empty.repeat(width - filled);
}
