/** Writes SVG, and no more of it than pictures of runs need. */
export interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: number;
  readonly size?: number;
}

export class Svg {
  readonly #parts: string[] = [];
  readonly #head: string;

  constructor(width: number, height: number, title: string, style: string) {
    this.#head =
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">` +
      `<title>${escaped(title)}</title><style>${style}</style>`;
  }

  rect(x: number, y: number, width: number, height: number, style: string): void {
    this.#parts.push(
      `<rect class="${style}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}"/>`,
    );
  }

  line(x1: number, y1: number, x2: number, y2: number, style: string): void {
    this.#parts.push(`<line class="${style}" x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}"/>`);
  }

  path(points: readonly (readonly [number, number])[], style: string, closed = false): void {
    if (points.length === 0) return;
    const steps = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`);
    this.#parts.push(`<path class="${style}" d="${steps.join('')}${closed ? 'Z' : ''}"/>`);
  }

  dot(x: number, y: number, style: string, radius = 1.5): void {
    this.#parts.push(`<circle class="${style}" cx="${n(x)}" cy="${n(y)}" r="${radius}"/>`);
  }

  text(
    x: number,
    y: number,
    text: string,
    style: string,
    { anchor = 'start', weight = 400, size = 12 }: TextStyle = {},
  ): void {
    this.#parts.push(
      `<text class="${style}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" font-weight="${weight}" font-size="${size}">${escaped(text)}</text>`,
    );
  }

  toString(): string {
    return `${this.#head}${this.#parts.join('\n')}</svg>\n`;
  }
}

const n = (value: number): string => String(Math.round(value * 10) / 10);

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
