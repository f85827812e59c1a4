/** Text with a meaning, before anybody has decided how it looks. */

export type Style =
  | 'plain'
  | 'bold'
  /** Less important text. */
  | 'dim'
  | 'good'
  | 'warn'
  | 'bad'
  /** Injected faults. */
  | 'fault'
  | 'accent'
  | 'focus';

export interface Span {
  readonly text: string;
  readonly style: Style;
  /** The row that the keys act on. */
  readonly isChosen?: boolean;
}

export type Line = readonly Span[];

export const span = (text: string, style: Style = 'plain'): Span => ({ text, style });
export const plainText = (line: Line): string => line.map(({ text }) => text).join('');
export const chosen = (line: Line): Line => line.map((part) => ({ ...part, isChosen: true }));
