/** Styled lines as a terminal takes them. Eight colours only, so that each terminal shows them in its own shades. */
import type { Line, Span, Style } from '../../kit/terminal/styled.js';

export interface Palette {
  readonly codes: Readonly<Record<Style, string>>;
}

export const COLOR: Palette = {
  codes: {
    plain: '',
    bold: '1',
    dim: '90',
    good: '32',
    warn: '33',
    bad: '31;1',
    fault: '35;1',
    accent: '36',
    focus: '7;1',
  },
};

/** For NO_COLOR: weight and inversion are not colors. */
export const NO_COLOR: Palette = {
  codes: {
    plain: '',
    bold: '1',
    dim: '',
    good: '',
    warn: '1',
    bad: '1',
    fault: '1',
    accent: '',
    focus: '7;1',
  },
};

const CHOSEN = '7';

export function ansi(line: Line, palette: Palette): string {
  return line.map((part) => ansiSpan(part, palette)).join('');
}

/** The chosen row in one piece: inverted colours side by side are a mess. */
function ansiSpan({ text, style, isChosen = false }: Span, { codes }: Palette): string {
  const code = isChosen ? CHOSEN : codes[style];
  return code === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
}
