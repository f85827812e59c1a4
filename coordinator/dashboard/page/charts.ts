/** The line charts share one time axis and one cursor; current values stand beside the names of the lines. */
import './correct-language.js';
import uPlot from './vendor/uplot.js';
import type { LiveSecond } from '../../../contracts/http/live.js';
import { h, setText } from './dom.js';
import { clock, count, ms, rate } from './format.js';
import type { History } from './history.js';
import { themeColor, type Color } from './theme.js';

export interface Line {
  readonly name: string;
  readonly color: Color;
  readonly value: (second: LiveSecond) => number | null;
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly isFilled?: boolean;
  /** Seconds without a value are left empty instead of drawn as zero. */
  readonly isRare?: boolean;
}

export interface ChartPlan {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly format: (value: number | null | undefined) => string;
  readonly isLogarithmic?: boolean;
}

const counterOf = (name: string) => (second: LiveSecond) => second.counts[name] ?? 0;

export const CHARTS: readonly ChartPlan[] = [
  {
    title: 'Throughput',
    unit: 'tasks a second',
    format: rate,
    lines: [
      { name: 'answered', color: 'blue', value: counterOf('succeeded'), isFilled: true, width: 2 },
      { name: 'accepted', color: 'grey', value: counterOf('accepted'), dash: [4, 3] },
      {
        name: 'failed',
        color: 'red',
        value: (second) => second.counts['failed'] ?? null,
        isRare: true,
        width: 2,
      },
    ],
  },
  {
    title: 'Latency',
    unit: 'from admission to the answer, logarithmic',
    format: ms,
    isLogarithmic: true,
    lines: [
      { name: 'p99', color: 'red', value: ({ latency }) => latency.p99Ms, dash: [2, 3] },
      { name: 'p95', color: 'orange', value: ({ latency }) => latency.p95Ms, dash: [6, 3] },
      { name: 'p50', color: 'blue', value: ({ latency }) => latency.p50Ms, width: 2 },
    ],
  },
  {
    title: 'Queue',
    unit: 'tasks, and the messages that carry them',
    format: count,
    lines: [
      {
        name: 'tasks outstanding',
        color: 'blue',
        value: ({ outstandingTasks }) => outstandingTasks,
        isFilled: true,
        width: 2,
      },
      {
        name: 'messages waiting',
        color: 'orange',
        value: ({ queue }) => queue?.visible ?? null,
        dash: [6, 3],
      },
      { name: 'in flight', color: 'green', value: ({ queue }) => queue?.inFlight ?? null, dash: [2, 3] },
    ],
  },
];

export const AXIS_WIDTH = 58;
export const RIGHT_PADDING = 24;
const HEIGHT = 132;
const HEIGHT_WITH_ROOM = 176;
const hasRoom = matchMedia('(min-width: 1600px) and (min-height: 900px)');
const TIME_AXIS = 22;
const SYNC = 'time';

export interface Chart {
  readonly element: HTMLElement;
  draw(history: History, seconds: number): void;
  resize(): void;
  /** Redraws with the colors of the new theme. */
  recreate(): void;
}

export interface ChartOptions {
  /** Times that get a vertical line in every chart. */
  readonly markedTimes: () => readonly { readonly time: number; readonly tone: Color }[];
}

export function createChart(plan: ChartPlan, showsTimes: boolean, options: ChartOptions): Chart {
  const container = h('div', { class: 'plot', role: 'img', 'aria-label': plan.title });
  const values = plan.lines.map(() => h('b', {}, '–'));
  const keys = plan.lines.map((line, index) =>
    h(
      'li',
      {},
      h('i', { class: `swatch tone-${line.color}${line.dash ? ' dashed' : ''}` }),
      `${line.name} `,
      values[index],
    ),
  );
  const timeLabel = h('span', { class: 'when' });
  const element = h(
    'figure',
    { class: 'chart' },
    h(
      'figcaption',
      {},
      h(
        'span',
        { class: 'chart-title' },
        h('strong', {}, plan.title),
        ' ',
        h('span', { class: 'quiet' }, plan.unit),
        timeLabel,
      ),
      h('ul', { class: 'keys' }, ...keys),
    ),
    container,
  );
  let data: uPlot.AlignedData = [[], ...plan.lines.map(() => [])];
  let plot: uPlot | undefined;

  const showValues = (index: number | null | undefined) => {
    const at = index ?? (data[0].length > 0 ? data[0].length - 1 : undefined);
    plan.lines.forEach(({ isRare }, line) => {
      const known = at === undefined ? undefined : data[line + 1]?.[at];
      const value = isRare ? (known ?? 0) : known;
      const label = values[line];
      if (label !== undefined) setText(label, plan.format(value));
    });
    const time = index === null || index === undefined ? undefined : data[0][index];
    setText(timeLabel, time === undefined ? '' : clock(time * 1000));
  };
  const createPlot = () => {
    plot?.destroy();
    plot = new uPlot(
      plotOptions(plan, container.clientWidth, showsTimes, options, showValues),
      data,
      container,
    );
  };
  return {
    element,
    draw: (history, seconds) => {
      data = [history.times(seconds), ...plan.lines.map((line) => history.column(seconds, line.value))];
      if (plot === undefined) createPlot();
      plot?.setData(data, true);
      if (plot?.cursor.idx === null || plot?.cursor.idx === undefined) showValues(null);
      container.setAttribute(
        'aria-label',
        `${plan.title}: ${plan.lines.map(({ name }, line) => `${name} ${values[line]?.textContent ?? ''}`).join(', ')}`,
      );
    },
    resize: () => plot?.setSize({ width: container.clientWidth, height: heightOf(showsTimes) }),
    recreate: () => {
      if (plot !== undefined) createPlot();
    },
  };
}

const heightOf = (showsTimes: boolean): number =>
  (hasRoom.matches ? HEIGHT_WITH_ROOM : HEIGHT) + (showsTimes ? TIME_AXIS : 0);

function plotOptions(
  plan: ChartPlan,
  width: number,
  showsTimes: boolean,
  options: ChartOptions,
  showValues: (index: number | null | undefined) => void,
): uPlot.Options {
  const font = '11px system-ui, sans-serif';
  const axis = {
    stroke: themeColor('muted'),
    font,
    grid: { stroke: themeColor('line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: heightOf(showsTimes),
    padding: [6, RIGHT_PADDING, showsTimes ? 0 : 4, 0],
    legend: { show: false },
    cursor: { sync: { key: SYNC }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
    scales: {
      x: { time: true },
      y: plan.isLogarithmic ? LOGARITHMIC : { range: (_plot, _min, max) => [0, roundedMax(max)] },
    },
    axes: [
      {
        ...axis,
        show: true,
        size: showsTimes ? TIME_AXIS : 0,
        values: (_plot, times) => times.map((time) => (showsTimes ? clock(time * 1000) : '')),
        space: 90,
        gap: 4,
      },
      {
        ...axis,
        size: AXIS_WIDTH,
        gap: 6,
        space: 26,
        values: (_plot, splits) => splits.map((value) => tickLabel(plan, value)),
        ...(plan.isLogarithmic ? { filter: wholePowers, grid: { ...axis.grid, filter: wholePowers } } : {}),
      },
    ],
    series: [
      {},
      ...plan.lines.map((line) => ({
        label: line.name,
        stroke: themeColor(line.color),
        width: line.width ?? 1.5,
        ...(line.dash ? { dash: [...line.dash] } : {}),
        ...(line.isFilled ? { fill: `color-mix(in srgb, ${themeColor(line.color)} 16%, transparent)` } : {}),
        points: { show: true, size: 4, filter: isolatedPoints },
        spanGaps: false,
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawMarks(plot, options)],
      setCursor: [(plot) => showValues(plot.cursor.idx)],
    },
  };
}

/** A value between two gaps is drawn as a point, since no line leads to it. */
function isolatedPoints(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const found: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const isIsolated = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;
    if (isIsolated && (values[index] ?? null) !== null) found.push(index);
  }
  return found;
}

function drawMarks(plot: uPlot, options: ChartOptions): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { time, tone } of options.markedTimes()) {
    const x = Math.round(plot.valToPos(time, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = themeColor(tone);
    ctx.globalAlpha = 0.65;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

const LOGARITHMIC: uPlot.Scale = {
  // 3 is a member of a const enum, which isolated modules cannot reference.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
  distr: 3,
  range: (_plot, min, max) => decades(min, max),
};

function roundedMax(max: number | null): number {
  if (max === null || max < 4) return 4;
  const step = 10 ** Math.floor(Math.log10(max)) / 2;
  return Math.ceil((max * 1.05) / step) * step;
}

function decades(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || min <= 0) return [1, 1000];
  const low = Math.floor(Math.log10(min));
  const high = Math.ceil(Math.log10(max));
  return [10 ** low, 10 ** Math.max(high, low + 2)];
}

const wholePowers = (_plot: uPlot, splits: number[]): (number | null)[] => splits.map(powerOfTen);

function powerOfTen(value: number): number | null {
  return Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? value : null;
}

function tickLabel(plan: ChartPlan, value: number | null): string {
  if (value === null) return '';
  if (!plan.isLogarithmic) return count(value);
  return value >= 1000 ? `${value / 1000} s` : `${value} ms`;
}
