/** Colours for terminals whose owner did not refuse them. */
export interface Paint {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

export function createPaint(coloured: boolean): Paint {
  const code = (number: number) => (text: string) => (coloured ? `\u001b[${number}m${text}\u001b[0m` : text);
  return { good: code(32), warn: code(33), bad: code(31), dim: code(2), bold: code(1) };
}
