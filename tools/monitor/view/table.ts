/** Rows in columns. Where a terminal is narrow the least important columns are left out. */
import { clipLine, fitText } from '../../kit/terminal/cells.js';
import { chosen, span, type Line, type Span } from '../../kit/terminal/styled.js';

export interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly align?: 'left' | 'right';
  /** The highest are left out first; 0 never is. */
  readonly rank: number;
  /** Takes what the others leave. */
  readonly grows?: boolean;
  readonly cell: (row: Row, width: number) => Span | readonly Span[];
}

export interface FittedTable<Row> {
  readonly head: Line;
  readonly line: (row: Row, isChosen: boolean) => Line;
}

const GAP = 1;

export function fitTable<Row>(
  columns: readonly Column<Row>[],
  width: number,
  ellipsis: string,
): FittedTable<Row> {
  const kept = fitColumns(columns, width);
  const gap = span(' '.repeat(GAP));
  const joined = (cells: readonly Line[]): Line =>
    cells.flatMap((cell, index) => (index === 0 ? cell : [gap, ...cell]));
  return {
    head: joined(
      kept.map(({ title, width: cells, align }) => [span(fitText(title, cells, align, ellipsis), 'dim')]),
    ),
    line: (row, isChosen) => {
      const cells = kept.map((column) => fitCell(column, row, ellipsis));
      const line = joined(cells);
      return isChosen ? chosen(line) : line;
    },
  };
}

/** Those that there is room for, the growing one as wide as it gets. */
function fitColumns<Row>(columns: readonly Column<Row>[], width: number): readonly Column<Row>[] {
  let kept = columns;
  const needed = () => kept.reduce((sum, column) => sum + column.width, 0) + GAP * (kept.length - 1);
  while (needed() > width) {
    const highest = Math.max(...kept.map(({ rank }) => rank));
    if (highest === 0) break;
    const last = kept.findLastIndex(({ rank }) => rank === highest);
    kept = kept.filter((_, index) => index !== last);
  }
  const spare = Math.max(0, width - needed());
  const growing = kept.findIndex(({ grows }) => grows === true);
  return kept.map((column, index) =>
    index === growing ? { ...column, width: column.width + spare } : column,
  );
}

function fitCell<Row>(column: Column<Row>, row: Row, ellipsis: string): Line {
  const made = column.cell(row, column.width);
  if ('text' in made) return [{ ...made, text: fitText(made.text, column.width, column.align, ellipsis) }];
  return clipLine(made, column.width, ellipsis);
}
