/** The width of texts in columns of a terminal, and texts cut or filled to a width. */
import stringWidth from 'string-width';
import { span, type Line, type Span, type Style } from './styled.js';

/** Control characters, marks that combine with the character before them, and marks that change the direction of text. */
const UNPRINTABLE =
  /\p{Cc}|\p{Cf}|\p{Mn}|\p{Me}|\p{Cs}|\p{Zl}|\p{Zp}|\p{Emoji_Modifier}|[\u1160-\u11ff\ud7b0-\ud7ff]/u;
/** Two of them are a flag, of two columns or of four: no two terminals agree. */
const FLAG_LETTER = /[\u{1f1e6}-\u{1f1ff}]/gu;
const FIRST_FLAG_LETTER = 0x1f1e6;
/** Most texts; each character takes one column. */
const PLAIN = /^[\x20-\x7e]*$/;
const WHITE = /\s+/g;
/** An untrusted text as one line that cannot change the state of a terminal. */
export function oneLine(text: string): string {
  if (PLAIN.test(text)) return text;
  let clean = '';
  // Composed first: a character written in pieces would lose its marks.
  const whole = text.normalize('NFC').replace(WHITE, ' ').replace(FLAG_LETTER, latinOf);
  for (const character of whole) if (!UNPRINTABLE.test(character)) clean += character;
  return clean;
}

function latinOf(flagLetter: string): string {
  return String.fromCharCode(65 + (flagLetter.codePointAt(0) ?? 0) - FIRST_FLAG_LETTER);
}

export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += charWidth(character);
  return width;
}

export const lineWidth = (line: Line): number => line.reduce((sum, { text }) => sum + widthOf(text), 0);

const knownWidths = new Map<string, number>();
const MAX_KNOWN_WIDTHS = 10_000;

/** The few characters of a screen are measured again and again. A terminal draws none in less than one column here. */
function charWidth(character: string): number {
  const known = knownWidths.get(character);
  if (known !== undefined) return known;
  if (knownWidths.size >= MAX_KNOWN_WIDTHS) knownWidths.clear();
  const width = Math.max(1, stringWidth(character));
  knownWidths.set(character, width);
  return width;
}

/** At most `width` columns, with an ellipsis where the text was cut. */
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

/** Exactly `width` columns. */
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

/** Exactly `width` columns of a line with its styles, and an ellipsis where the line was cut. */
export function clipLine(line: Line, width: number, ellipsis: string): Line {
  if (lineWidth(line) <= width) return fitLine(line, width);
  const last = line.at(-1);
  const style = last === undefined ? 'plain' : last.style;
  return [...sliceLine(line, 0, width - ellipsis.length), span(ellipsis, style)];
}

/** Exactly `width` columns of a line with its styles. */
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
