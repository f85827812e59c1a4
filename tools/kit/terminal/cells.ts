/** How many columns of a terminal a text takes, and texts cut or filled to so many. */
import { span, type Line, type Span, type Style } from './styled.js';

/** Control characters, and what a terminal puts on top of the character before it or uses to turn lines around. */
const UNPRINTABLE =
  /\p{Cc}|\p{Cf}|\p{Mn}|\p{Me}|\p{Cs}|\p{Zl}|\p{Zp}|\p{Emoji_Modifier}|[\u1160-\u11ff\ud7b0-\ud7ff]/u;
/** Two of them are a flag, of two columns or of four: no two terminals agree. */
const FLAG_LETTER = /[\u{1f1e6}-\u{1f1ff}]/gu;
const FIRST_FLAG_LETTER = 0x1f1e6;
/** Most texts, told apart without a look at each character. */
const PLAIN = /^[\x20-\x7e]*$/;
const NARROW = /^[\x20-\u10ff\u2010-\u2319\u2500-\u25fc\u2713\u2717]*$/;
const WHITE = /\s+/g;
/** What terminals draw two columns wide: pictures, and what Unicode calls wide, by its blocks and not by its script. */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;

/** A text of somebody else's as one line that can do nothing to a terminal. */
export function oneLine(text: string): string {
  if (PLAIN.test(text)) return text;
  let clean = '';
  // Characters that are written in pieces first become one each: what is left of pieces is no letter of its text.
  const whole = text.normalize('NFC').replace(WHITE, ' ').replace(FLAG_LETTER, latinOf);
  for (const character of whole) if (!UNPRINTABLE.test(character)) clean += character;
  return clean;
}

function latinOf(flagLetter: string): string {
  return String.fromCharCode(65 + (flagLetter.codePointAt(0) ?? 0) - FIRST_FLAG_LETTER);
}

export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += charWidth(character);
  return width;
}

export const lineWidth = (line: Line): number => line.reduce((sum, { text }) => sum + widthOf(text), 0);

function charWidth(character: string): number {
  return character >= '\u1100' && WIDE.test(character) ? 2 : 1;
}

/** At most so many columns; what was cut shows. */
export function clip(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  let clipped = '';
  let used = 0;
  for (const character of text) {
    used += charWidth(character);
    if (used > width - ellipsis.length) break;
    clipped += character;
  }
  return width < ellipsis.length ? '' : clipped + ellipsis;
}

/** Exactly so many columns. */
export function fitText(
  text: string,
  width: number,
  align: 'left' | 'right' = 'left',
  ellipsis = '…',
): string {
  const clipped = clip(text, width, ellipsis);
  const gap = ' '.repeat(Math.max(0, width - widthOf(clipped)));
  return align === 'left' ? clipped + gap : gap + clipped;
}

/** Exactly so many columns of a line, its styles kept; what was cut shows. */
export function clipLine(line: Line, width: number, ellipsis: string): Line {
  if (lineWidth(line) <= width) return fitLine(line, width);
  const last = line.at(-1);
  const style = last === undefined ? 'plain' : last.style;
  return [...sliceLine(line, 0, width - ellipsis.length), span(ellipsis, style)];
}

/** Exactly so many columns of a line, its styles kept. */
export function fitLine(line: Line, width: number): Line {
  const missing = width - lineWidth(line);
  return missing >= 0 ? padded(line, missing) : sliceLine(line, 0, width);
}

function padded(line: Line, missing: number): Line {
  if (missing === 0) return line;
  const last = line.at(-1);
  return [...line, { ...span(' '.repeat(missing)), ...(last?.isChosen === true ? { isChosen: true } : {}) }];
}

/** The columns from `from` to before `to`; half a wide character becomes a space. */
export function sliceLine(line: Line, from: number, to: number): Line {
  const parts: Span[] = [];
  let column = 0;
  for (const part of line) {
    if (column >= to) break;
    let text = '';
    for (const character of part.text) {
      const end = column + charWidth(character);
      if (column >= from && end <= to) text += character;
      else if (column < to && end > from) text += ' '.repeat(Math.min(end, to) - Math.max(column, from));
      column = end;
    }
    if (text !== '') parts.push({ ...part, text });
  }
  return padded(parts, to - from - lineWidth(parts));
}

export function padTo(text: string, width: number, style: Style = 'plain', align?: 'left' | 'right'): Span {
  return span(fitText(text, width, align), style);
}
