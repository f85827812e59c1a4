/** Numbers as people read them. */
export function showMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 0.05) return '0 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

export function showSeconds(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function showShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

/** To so many columns, eighths included. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const rest = ' ▏▎▍▌▋▊▉'[eighths % 8] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + rest.trim();
}

/** Columns as wide as their widest cell; numbers are told by where they stand. */
export function columns(
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
): readonly string[] {
  const widths = align.map((_, column) =>
    Math.max(0, ...rows.map((row) => Array.from(row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const pad = ' '.repeat(Math.max(0, (widths[column] ?? 0) - Array.from(cell).length));
        return align[column] === 'right' ? pad + cell : cell + pad;
      })
      .join('  ')
      .trimEnd(),
  );
}
