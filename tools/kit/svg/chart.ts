/** One panel of lines over time, with its axis and the names of its lines. */
import type { Svg } from './svg.js';

export interface Series {
  readonly name: string;
  readonly style: string;
  /** Milliseconds and value; where there is no value the line is broken. */
  readonly points: readonly (readonly [number, number | undefined])[];
  /** Style of what lies below the line. */
  readonly area?: string;
  /** Each point by itself instead of a line. */
  readonly dots?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly scale: 'linear' | 'log';
  readonly series: readonly Series[];
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly height: number;
  readonly x: (ms: number) => number;
  readonly endMs: number;
}

/** The radius of single points. */
const DOT_RADIUS = 2.2;

export function chart(svg: Svg, panel: Chart): void {
  const { title, left, right, top, height, series } = panel;
  const { ticks, y } = axis(panel);
  for (const tick of ticks) {
    svg.line(left, y(tick), right, y(tick), 'grid');
    svg.text(left - 8, y(tick) + 4, String(tick), 'faint', { anchor: 'end' });
  }
  svg.text(left, top - 8, title, 'faint');
  drawNames(svg, series, right, top - 8);
  for (const { points, style, area, dots = false } of series) {
    if (dots) {
      for (const [ms, value] of points)
        if (value !== undefined) svg.dot(panel.x(ms), y(value), style, DOT_RADIUS);
      continue;
    }
    for (const piece of pieces(points)) {
      const drawn = piece.map(([ms, value]) => [panel.x(ms), y(value)] as const);
      const [first, last] = [drawn[0], drawn.at(-1)];
      if (first === undefined || last === undefined) continue;
      if (area !== undefined)
        svg.path([[first[0], top + height], ...drawn, [last[0], top + height]], area, true);
      if (drawn.length === 1) svg.dot(first[0], first[1], style);
      else svg.path(drawn, style);
    }
  }
}

function axis({ scale, series, top, height }: Chart) {
  const values = series.flatMap(({ points }) => points.flatMap(([, value]) => value ?? []));
  const most = values.reduce((so, value) => Math.max(so, value), 1);
  if (scale === 'linear') {
    const step = niceStep(most / 4);
    const ticks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
    const end = ticks.at(-1) ?? 1;
    return { ticks, y: (value: number) => top + height * (1 - value / end) };
  }
  const least = values.reduce((so, value) => (value > 0 ? Math.min(so, value) : so), most);
  const low = Math.floor(Math.log10(Math.max(1, least)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(most)));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const share = (value: number): number => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
  return { ticks, y: (value: number) => top + height * (1 - share(value)) };
}

function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= atLeast) ?? 10) * power);
}

function pieces(points: Series['points']): readonly (readonly (readonly [number, number])[])[] {
  const found: [number, number][][] = [[]];
  for (const [ms, value] of points) {
    if (value === undefined) found.push([]);
    else found.at(-1)?.push([ms, value]);
  }
  return found.filter((piece) => piece.length > 0);
}

/** From the right edge leftwards: a stroke, and what it stands for. */
function drawNames(svg: Svg, series: readonly Series[], right: number, y: number): void {
  let edge = right;
  for (const { name, style, dots = false } of series.toReversed()) {
    svg.text(edge, y, name, 'faint', { anchor: 'end' });
    edge -= name.length * 6.2 + 8;
    if (dots) svg.dot(edge - 4, y - 4, style, DOT_RADIUS);
    else {
      svg.path(
        [
          [edge - 18, y - 4],
          [edge, y - 4],
        ],
        style,
      );
    }
    edge -= dots ? 22 : 36;
  }
}

export interface TimeAxis {
  readonly x: (ms: number) => number;
  readonly endMs: number;
  readonly right: number;
  readonly y: number;
}

/** The seconds below the panels, as many as have room. */
export function drawSeconds(svg: Svg, { x, endMs, right, y }: TimeAxis): void {
  const stepSeconds = [1, 2, 5, 10, 20, 30, 60, 120].find((step) => endMs / 1000 / step <= 16) ?? 300;
  for (let second = 0; second * 1000 <= endMs; second += stepSeconds) {
    const isLast = x(second * 1000) > right - 16;
    svg.text(x(second * 1000), y, `${second} s`, 'faint', { anchor: isLast ? 'end' : 'middle' });
  }
}
