/** Figures with a name, a value and what they were in the last minutes: a line each. */
import { fitText } from '../../kit/terminal/cells.js';
import type { Glyphs } from './glyphs.js';
import { sparkSpans, type Series } from './spark.js';
import { span, type Line, type Style } from '../../kit/terminal/styled.js';

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly series: Series;
  readonly style?: Style;
  /** The highest are left out first where there is no room. */
  readonly rank: number;
}

const NAME_WIDTH = 12;
const VALUE_WIDTH = 8;
const TWO_COLUMNS_FROM = 84;
const GAP = 3;
const MAX_SPARK_WIDTH = 60;

export function figureLines(
  figures: readonly Figure[],
  width: number,
  height: number,
  glyphs: Glyphs,
): readonly Line[] {
  const isWide = width >= TWO_COLUMNS_FROM && figures.length > height;
  const shown = mostImportant(figures, isWide ? 2 * height : height);
  if (!isWide) return shown.map((figure) => figureLine(figure, width, glyphs));
  const half = Math.ceil(shown.length / 2);
  const cells = Math.floor((width - GAP) / 2);
  return shown.slice(0, half).map((left, index) => {
    const right = shown[half + index];
    const gap = span(' '.repeat(GAP));
    return [
      ...figureLine(left, cells, glyphs),
      gap,
      ...(right === undefined ? [] : figureLine(right, cells, glyphs)),
    ];
  });
}

function mostImportant(figures: readonly Figure[], room: number): readonly Figure[] {
  const ranks = figures.map(({ rank }) => rank).sort((one, other) => one - other);
  const highest = ranks[Math.min(room, ranks.length) - 1] ?? -1;
  return figures.filter(({ rank }) => rank <= highest).slice(0, room);
}

function figureLine({ name, value, series, style = 'plain' }: Figure, width: number, glyphs: Glyphs): Line {
  const room = Math.min(MAX_SPARK_WIDTH, width - NAME_WIDTH - VALUE_WIDTH - 2);
  return [
    span(fitText(name, NAME_WIDTH, 'left', glyphs.ellipsis), 'dim'),
    span(fitText(value, VALUE_WIDTH, 'right', glyphs.ellipsis), style === 'plain' ? 'bold' : style),
    span('  '),
    ...(room < 3 ? [] : sparkSpans(series, room, style === 'plain' ? 'accent' : style, glyphs)),
  ];
}
