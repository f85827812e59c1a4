/** Small shapes, so that no information depends on color alone. */
export type Shape =
  | 'disc'
  | 'ring'
  | 'half'
  | 'check'
  | 'cross'
  | 'triangle'
  | 'diamond'
  | 'square'
  | 'return'
  | 'dash'
  | 'clock';

/** Paths in a box of 12 by 12; those in `STROKED` are drawn as lines. */
const PATHS: Readonly<Record<Shape, string>> = {
  disc: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9z',
  ring: 'M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8z',
  half: 'M6 1.5a4.5 4.5 0 0 1 0 9zM6 1.5a4.5 4.5 0 1 0 0 9v-1.4a3.1 3.1 0 1 1 0-6.2z',
  check: 'M2 6.5L5 9.5L10.2 2.8',
  cross: 'M2.5 2.5L9.5 9.5M9.5 2.5L2.5 9.5',
  triangle: 'M6 1.2L11.2 10.4H.8z',
  diamond: 'M6 .8L11.2 6L6 11.2L.8 6z',
  square: 'M2 2h8v8H2z',
  return: 'M2.4 3.6A4.3 4.3 0 1 1 1.7 6.6M2 .8L2.3 3.9L5.4 3.6',
  dash: 'M2 6H10',
  clock: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M6 3.4V6.2L8 7.4',
};
const STROKED: ReadonlySet<Shape> = new Set(['ring', 'check', 'cross', 'return', 'dash', 'clock']);
const SVG = 'http://www.w3.org/2000/svg';

/** Icons are decorative: a word always stands beside them. */
export function icon(shape: Shape, tone: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 12 12');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon tone-${tone} ${STROKED.has(shape) ? 'stroked' : 'filled'}`);
  path.setAttribute('d', PATHS[shape]);
  svg.append(path);
  return svg;
}

/** Draws a shape on a canvas, centered at (x, y). */
export function drawShape(
  context: CanvasRenderingContext2D,
  shape: Shape,
  color: string,
  x: number,
  y: number,
): void {
  context.save();
  context.translate(x - 6, y - 6);
  const path = new Path2D(PATHS[shape]);
  if (STROKED.has(shape)) {
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.lineCap = 'round';
    context.stroke(path);
  } else {
    context.fillStyle = color;
    context.fill(path);
  }
  context.restore();
}
