/** A run as a picture: what was planned and answered, how long it took, and what was done meanwhile. */
import { chart, drawSeconds, type Chart } from '../../kit/svg/chart.js';
import type { Findings } from './journal.js';
import type { Mark } from '../timeline/timeline.js';
import { Svg } from '../../kit/svg/svg.js';

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 16;
const TOP = 64;
const PANEL_HEIGHT = 150;
const GAP = 48;
const LANE_HEIGHT = 22;
const FOOT = 30;

const STYLE = `
  svg { color-scheme: light dark; background: #fff; font: 12px system-ui, sans-serif; }
  .paper { fill: #fff } .text { fill: #24292f } .faint { fill: #57606a } .grid { stroke: #d8dee4 }
  .planned { stroke: #6e7781; stroke-dasharray: 4 3; fill: none } .ok { stroke: #1a7f37; fill: none } .okArea { fill: #1a7f37; opacity: .15 }
  .bad { stroke: #cf222e; fill: none } .p50 { stroke: #0969da; fill: none } .p99 { stroke: #8250df; fill: none }
  .fault { fill: #bc4c00; opacity: .85 } .band { fill: #bc4c00; opacity: .09 }
  .planned, .ok, .bad, .p50, .p99 { stroke-width: 2; stroke-linejoin: round }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 }
    .paper { fill: #0d1117 } .text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #30363d }
    .planned { stroke: #9198a1 } .ok { stroke: #3fb950 } .okArea { fill: #3fb950; opacity: .2 }
    .bad { stroke: #f85149 } .p50 { stroke: #4493f8 } .p99 { stroke: #ab7df8 }
    .fault { fill: #f0883e } .band { fill: #f0883e; opacity: .13 }
  }`;

/** Readable on a light and on a dark ground. */
export function drawPicture(title: string, { seconds, marks }: Pick<Findings, 'seconds' | 'marks'>): string {
  const lanes = lanesOf(marks);
  const endMs = Math.max(1, seconds.length) * 1000;
  const x = (ms: number): number => LEFT + (Math.min(ms, endMs) / endMs) * (WIDTH - LEFT - RIGHT);
  const lanesTop = TOP + 2 * (PANEL_HEIGHT + GAP);
  const height = lanesTop + lanes.length * LANE_HEIGHT + FOOT;
  const svg = new Svg(WIDTH, height, title, STYLE);

  svg.rect(0, 0, WIDTH, height, 'paper');
  svg.text(LEFT, 26, title, 'text', { weight: 600, size: 15 });
  for (const { atMs, overAtMs } of lanes.flatMap((lane) => lane.marks)) {
    svg.rect(x(atMs), TOP, Math.max(1.5, x(overAtMs ?? endMs) - x(atMs)), lanesTop - TOP - GAP + 12, 'band');
  }
  const frame = { left: LEFT, right: WIDTH - RIGHT, height: PANEL_HEIGHT, x, endMs };
  chart(svg, { ...frame, top: TOP, ...throughput(seconds) });
  chart(svg, { ...frame, top: TOP + PANEL_HEIGHT + GAP, ...latency(seconds) });
  drawLanes(svg, lanes, lanesTop, x, endMs);
  drawSeconds(svg, { x, endMs, right: WIDTH - RIGHT, y: height - 12 });
  return svg.toString();
}

type Panel = Omit<Chart, 'left' | 'right' | 'top' | 'height' | 'x' | 'endMs'>;

function throughput(seconds: Findings['seconds']): Panel {
  const at = (pick: (second: Findings['seconds'][number]) => number | undefined) =>
    seconds.map((second) => [second.second * 1000 + 500, pick(second)] as const);
  return {
    title: 'requests a second',
    scale: 'linear',
    series: [
      { name: 'planned', style: 'planned', points: at(({ planned }) => planned) },
      { name: 'answered well', style: 'ok', points: at(({ ok }) => ok), area: 'okArea' },
      { name: 'failed, refused, broken off', style: 'bad', points: badOnly(seconds) },
    ],
  };
}

/** With the zeros beside them, so that they rise from the ground; a line along it would say nothing. */
function badOnly(seconds: Findings['seconds']): readonly (readonly [number, number | undefined])[] {
  const bad = seconds.map(
    ({ failed, rejected, unreached, unknown }) => failed + rejected + unreached + unknown,
  );
  return bad.map((count, index) => {
    const isPart = count > 0 || (bad[index - 1] ?? 0) > 0 || (bad[index + 1] ?? 0) > 0;
    return [index * 1000 + 500, isPart ? count : undefined] as const;
  });
}

function latency(seconds: Findings['seconds']): Panel {
  const at = (pick: (second: Findings['seconds'][number]) => number | undefined) =>
    seconds.map((second) => [second.second * 1000 + 500, pick(second)] as const);
  return {
    title: 'milliseconds from the planned time to the last answer',
    scale: 'log',
    series: [
      { name: 'p50', style: 'p50', points: at(({ p50Ms }) => p50Ms) },
      { name: 'p99', style: 'p99', points: at(({ p99Ms }) => p99Ms) },
    ],
  };
}

interface Lane {
  readonly text: string;
  readonly marks: readonly Mark[];
}

const MAX_LANES = 14;

/** One for each thing that was done, however often. */
function lanesOf(marks: readonly Mark[]): readonly Lane[] {
  const texts = [...new Set(marks.map(nameOf))].slice(0, MAX_LANES);
  return texts.map((text) => ({ text, marks: marks.filter((mark) => nameOf(mark) === text) }));
}

/** `kill any` does not say whom it hit. */
function nameOf({ text, targets }: Mark): string {
  return / any\b/.test(text) ? `${text} (${targets.join(', ')})` : text;
}

function drawLanes(
  svg: Svg,
  lanes: readonly Lane[],
  top: number,
  x: (ms: number) => number,
  endMs: number,
): void {
  lanes.forEach(({ text, marks }, index) => {
    const y = top + index * LANE_HEIGHT;
    let labelX = LEFT;
    for (const { atMs, overAtMs } of marks) {
      const width = Math.max(4, x(overAtMs ?? endMs) - x(atMs));
      svg.rect(x(atMs), y, width, 12, 'fault');
      labelX = x(atMs) + width;
    }
    const fits = labelX + 7 * text.length < WIDTH - RIGHT;
    const firstX = x(marks[0]?.atMs ?? 0);
    svg.text(fits ? labelX + 6 : firstX - 6, y + 10, text, 'text', { anchor: fits ? 'start' : 'end' });
  });
}
