/** The part of a list that fits, with the chosen row in it. */
import { span, type Line } from '../../kit/terminal/styled.js';
import type { FittedTable } from './table.js';

export interface ListContent<Row> {
  readonly rows: readonly Row[];
  readonly chosen: number;
  readonly height: number;
  /** Whether the chosen row is marked: it is in the pane in focus only. */
  readonly isMarked: boolean;
  readonly emptyText: string;
}

const HEAD_FROM = 4;

/** Head and rows; where there is little room the head goes first. */
export function listLines<Row>(table: FittedTable<Row>, shown: ListContent<Row>): readonly Line[] {
  const { rows, chosen, height, isMarked, emptyText } = shown;
  const head = height >= HEAD_FROM ? [table.head] : [];
  if (rows.length === 0) return [...head, [span(emptyText, 'dim')]];
  const room = Math.max(1, height - head.length);
  const first = firstShown(chosen, room, rows.length);
  const lines = rows
    .slice(first, first + room)
    .map((row, index) => table.line(row, isMarked && first + index === chosen));
  return [...head, ...lines];
}

/** The chosen row stands near the middle once one has gone that far. */
function firstShown(chosen: number, room: number, count: number): number {
  const centred = chosen - Math.floor(room / 2);
  return Math.max(0, Math.min(centred, count - room));
}
