/** A line of small bars: the latest values of a series, newest at the right. */
import type { Glyphs } from './glyphs.js';
import { span, type Line, type Style } from '../../kit/terminal/styled.js';

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

/** As a part of a line, zeros in the background. */
export function sparkSpans(series: Series, width: number, style: Style, glyphs: Glyphs): Line {
  const zero = glyphs.spark[0] ?? ' ';
  const runs: { text: string; style: Style }[] = [];
  for (const character of sparkline(series, width, glyphs)) {
    const own = character === zero ? 'dim' : style;
    const run = runs.at(-1);
    if (run?.style === own) run.text += character;
    else runs.push({ text: character, style: own });
  }
  return runs.map((run) => span(run.text, run.style));
}

export function bar(value: number, most: number, width: number, { full, empty }: Glyphs): string {
  const filled = most <= 0 ? 0 : Math.min(width, Math.round((value / most) * width));
  return full.repeat(filled) + empty.repeat(width - filled);
}
