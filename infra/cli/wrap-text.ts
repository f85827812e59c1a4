/** Breaks a text after spaces and commas into lines of at most `width`; a longer word gets a line of its own. */
export function wrapText(text: string, width: number): readonly string[] {
  const words = text.split(/(?<=[ ,])/);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && (line + word).trimEnd().length > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  return line === '' ? lines : [...lines, line.trimEnd()];
}
