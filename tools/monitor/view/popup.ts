/** A frame over the middle of what is shown. */
import { boxed } from './boxed.js';
import { lineWidth, sliceLine } from '../../kit/terminal/cells.js';
import type { Glyphs } from './glyphs.js';
import type { Size } from './layout.js';
import { span, type Line } from '../../kit/terminal/styled.js';

export interface Popup {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly scroll: number;
}

const MAX_WIDTH = 96;
const MARGIN = 2;

/** How wide its lines may be. */
export function popupWidth({ columns }: Size): number {
  return Math.min(MAX_WIDTH, columns - 2 * MARGIN) - 4;
}

export function withPopup(
  screen: readonly Line[],
  size: Size,
  popup: Popup,
  glyphs: Glyphs,
): readonly Line[] {
  const widest = Math.max(popup.title.length + 8, ...popup.lines.map(lineWidth));
  const width = Math.min(popupWidth(size), widest) + 4;
  const height = Math.min(size.rows - MARGIN, popup.lines.length + 2);
  const room = Math.max(0, height - 2);
  const first = Math.max(0, Math.min(popup.scroll, popup.lines.length - room));
  const below = popup.lines.length - first - room;
  const aside =
    below > 0 || first > 0 ? span(`${first + 1}-${first + room} of ${popup.lines.length}`, 'dim') : undefined;
  const frame = { title: popup.title, aside, width, height, hasFocus: true };
  const box = boxed(popup.lines.slice(first), frame, glyphs);
  const x = Math.floor((size.columns - width) / 2);
  const y = Math.floor((size.rows - height) / 2);
  return screen.map((line, row) => {
    const part = box[row - y];
    if (part === undefined) return line;
    return [...sliceLine(line, 0, x), ...part, ...sliceLine(line, x + width, size.columns)];
  });
}

/** How far one can scroll. */
export function maxScroll(lines: number, size: Size): number {
  return Math.max(0, lines - (size.rows - MARGIN - 2));
}
