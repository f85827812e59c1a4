/** A frame around lines, its title in the upper edge. */
import { clip, fitLine, lineWidth, widthOf } from '../../kit/terminal/cells.js';
import type { Glyphs } from './glyphs.js';
import { span, type Line, type Span } from '../../kit/terminal/styled.js';

export interface Frame {
  readonly title: string;
  /** At the right end of the upper edge: a filter, how old the data are. */
  readonly aside?: Span | undefined;
  readonly width: number;
  readonly height: number;
  readonly hasFocus: boolean;
}

/** Exactly as wide and high as the frame says; lines for which there is no room are left out. */
export function boxed(lines: readonly Line[], frame: Frame, glyphs: Glyphs): readonly Line[] {
  const { width, height } = frame;
  const { bottomLeft, bottomRight, across, down } = glyphs.box;
  const edge = frame.hasFocus ? 'accent' : 'dim';
  const inner = Math.max(0, height - 2);
  const body = Array.from({ length: inner }, (_, row): Line => {
    const line = fitLine([span(' '), ...(lines[row] ?? [])], Math.max(0, width - 2));
    return [span(down, edge), ...line, span(down, edge)];
  });
  const bottom = span(bottomLeft + across.repeat(Math.max(0, width - 2)) + bottomRight, edge);
  return [upperEdge(frame, glyphs), ...body, [bottom]].slice(0, height);
}

function upperEdge({ title, aside, width, hasFocus }: Frame, glyphs: Glyphs): Line {
  const { topLeft, topRight, across } = glyphs.box;
  const edge = hasFocus ? 'accent' : 'dim';
  const name = span(` ${clip(title, Math.max(0, width - 6), glyphs.ellipsis)} `, hasFocus ? 'focus' : 'bold');
  const room = width - 4 - widthOf(name.text);
  const asideText = aside === undefined ? '' : clip(aside.text, Math.max(0, room - 3), glyphs.ellipsis);
  const end: Line = asideText === '' ? [] : [{ ...span(` ${asideText} `), style: aside?.style ?? 'dim' }];
  const filled = Math.max(0, room - lineWidth(end));
  const line = [
    span(topLeft + across, edge),
    name,
    span(across.repeat(filled), edge),
    ...end,
    span(across + topRight, edge),
  ];
  return fitLine(line, width);
}
