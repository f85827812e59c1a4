/** A run as a picture: how much was asked and answered, how long each answer took, and what became of all. */
import { chart, drawSeconds, type Series } from '../kit/svg/chart.js';
import { Svg } from '../kit/svg/svg.js';
import { hasLatency, isError, isGood, OUTCOME_NAMES, OUTCOMES, type Outcome } from './outcome.js';
import { correctedMs, hasEnded, type EndedRecord, type RequestRecord } from './record.js';
import type { Summary } from './summary-schema.js';
import { showMs, showShare } from './format.js';

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 16;
const TOP = 92;
const PANEL_HEIGHT = 150;
const GAP = 48;
const FOOT = 92;

const STYLE = `
  svg { color-scheme: light dark; background: #fff; font: 12px system-ui, sans-serif; }
  .paper { fill: #fff } .text { fill: #24292f } .faint { fill: #57606a } .grid { stroke: #d8dee4 } .band { fill: #0969da; opacity: .08 }
  .offered { stroke: #6e7781; stroke-dasharray: 4 3; fill: none } .ok { stroke: #1a7f37; fill: none } .okArea { fill: #1a7f37; opacity: .15 }
  .bad { stroke: #cf222e; fill: none } .p50 { stroke: #0969da; fill: none } .p99 { stroke: #8250df; fill: none }
  .okDot, .okFill { fill: #1a7f37 } .okDot { opacity: .55 } .retriedDot, .retriedFill { fill: #bc4c00 } .badDot, .badFill { fill: #cf222e } .otherFill { fill: #6e7781 }
  .offered, .ok, .bad, .p50, .p99 { stroke-width: 2; stroke-linejoin: round }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 }
    .paper { fill: #0d1117 } .text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #30363d } .band { fill: #4493f8; opacity: .12 }
    .offered { stroke: #9198a1 } .ok { stroke: #3fb950 } .okArea { fill: #3fb950; opacity: .2 }
    .bad { stroke: #f85149 } .p50 { stroke: #4493f8 } .p99 { stroke: #ab7df8 }
    .okDot, .okFill { fill: #3fb950 } .retriedDot, .retriedFill { fill: #f0883e } .badDot, .badFill { fill: #f85149 } .otherFill { fill: #9198a1 }
  }`;

/** Readable on a light and on a dark ground. */
export function drawPicture(summary: Summary, records: readonly RequestRecord[]): string {
  const ended = records.filter(hasEnded);
  const endMs = Math.max(1000, summary.loadMs, summary.elapsedMs);
  const x = (ms: number): number => LEFT + (Math.min(ms, endMs) / endMs) * (WIDTH - LEFT - RIGHT);
  const secondTop = TOP + PANEL_HEIGHT + GAP;
  const panelsEnd = secondTop + PANEL_HEIGHT;
  const legend = legendOf(summary);
  const height = panelsEnd + FOOT + (legend.at(-1)?.row ?? 0) * LEGEND_ROW;
  const title = titleOf(summary);
  const svg = new Svg(WIDTH, height, title, STYLE);
  svg.rect(0, 0, WIDTH, height, 'paper');
  svg.text(LEFT, 26, title, 'text', { weight: 600, size: 15 });
  svg.text(LEFT, 48, subtitleOf(summary), 'faint');
  for (const { fromMs, toMs } of summary.bursts) {
    svg.rect(x(fromMs), TOP, Math.max(1.5, x(toMs) - x(fromMs)), panelsEnd - TOP, 'band');
  }
  const frame = { left: LEFT, right: WIDTH - RIGHT, height: PANEL_HEIGHT, x, endMs };
  chart(svg, {
    ...frame,
    top: TOP,
    title: 'requests a second',
    scale: 'linear',
    series: throughput(ended, endMs).filter(({ points }) => points.length > 0),
  });
  chart(svg, {
    ...frame,
    top: secondTop,
    title: 'milliseconds from the planned time',
    scale: 'log',
    series: latency(ended).filter(({ points }) => points.length > 0),
  });
  drawSeconds(svg, { x, endMs, right: WIDTH - RIGHT, y: panelsEnd + 18 });
  drawOutcomes(svg, summary, legend, panelsEnd + 40);
  return svg.toString();
}

function titleOf({ requests, load, startedAt }: Summary): string {
  const shape =
    load.loop === 'closed'
      ? `${load.clients ?? 0} clients`
      : `${load.arrivals ?? ''} ${load.ratePerSecond ?? 0}/s${load.peakPerSecond === null ? '' : ` to ${load.peakPerSecond}/s`}`;
  return `burst: ${requests.sent} requests, ${shape}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
}

function subtitleOf({ latencyMs: { corrected }, perSecond }: Summary): string {
  const { p50, p90, p99, max } = corrected;
  return `p50 ${showMs(p50)}, p90 ${showMs(p90)}, p99 ${showMs(p99)}, max ${showMs(max)}; ${perSecond.ok} ok a second`;
}

const MAX_BUCKETS = 60;

/** Short runs would be but a few points at a second each. */
function bucketMs(endMs: number): number {
  return [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000].find((ms) => endMs / ms <= MAX_BUCKETS) ?? 60_000;
}

function throughput(ended: readonly EndedRecord[], endMs: number): readonly Series[] {
  const step = bucketMs(endMs);
  const perSecond = (times: readonly number[]): Series['points'] => {
    const counts = new Array<number>(Math.ceil(endMs / step)).fill(0);
    for (const ms of times) {
      const bucket = Math.min(counts.length - 1, Math.floor(ms / step));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return counts.map((count, index) => [(index + 0.5) * step, (count / step) * 1000] as const);
  };
  const errors = ended.filter(({ outcome }) => isError(outcome));
  return [
    { name: 'offered', style: 'offered', points: perSecond(ended.map(({ plannedAtMs }) => plannedAtMs)) },
    {
      name: 'ok',
      style: 'ok',
      area: 'okArea',
      points: perSecond(ended.filter(({ outcome }) => isGood(outcome)).map(({ endedAtMs }) => endedAtMs)),
    },
    {
      name: 'errors',
      style: 'bad',
      points: errors.length === 0 ? [] : perSecond(errors.map(({ endedAtMs }) => endedAtMs)),
    },
  ];
}

const MAX_DOTS = 5000;

/** At their planned times: a stall shows as a slope, everybody who came later having waited less. */
function latency(ended: readonly EndedRecord[]): readonly Series[] {
  const timed = ended.filter(({ outcome }) => hasLatency(outcome));
  const everyNth = Math.ceil(timed.length / MAX_DOTS);
  const dots = (name: string, style: string, is: (outcome: Outcome) => boolean): Series => ({
    name,
    style,
    dots: true,
    points: timed
      .filter(({ outcome }) => is(outcome))
      .filter((_, index) => !is('ok') || index % everyNth === 0)
      .map((record) => [record.plannedAtMs, Math.max(0.1, correctedMs(record))] as const),
  });
  return [
    dots('ok', 'okDot', (outcome) => outcome === 'ok'),
    dots('ok after retry', 'retriedDot', (outcome) => outcome === 'retried'),
    dots('errors', 'badDot', isError),
  ];
}

const LEGEND_ROW = 18;

interface LegendEntry {
  readonly name: Outcome;
  readonly text: string;
  readonly x: number;
  readonly row: number;
}

/** The legend of the bar, in as many rows as it needs. */
function legendOf({ outcomes }: Summary): readonly LegendEntry[] {
  const names = OUTCOME_NAMES.filter((name) => outcomes[name] > 0);
  const total = names.reduce((sum, name) => sum + outcomes[name], 0);
  let x = LEFT;
  let row = 0;
  return names.map((name) => {
    const text = `${OUTCOMES[name]} ${outcomes[name]} (${showShare(outcomes[name] / total)})`;
    const width = text.length * 6.4 + 34;
    if (x > LEFT && x + width > WIDTH) {
      x = LEFT;
      row += 1;
    }
    const entry = { name, text, x, row };
    x += width;
    return entry;
  });
}

/** One bar of all requests, and what its parts are. */
function drawOutcomes(svg: Svg, { outcomes }: Summary, legend: readonly LegendEntry[], top: number): void {
  const total = legend.reduce((sum, { name }) => sum + outcomes[name], 0);
  let edge = LEFT;
  for (const { name, text, x, row } of legend) {
    const part = (outcomes[name] / total) * (WIDTH - LEFT - RIGHT);
    svg.rect(edge, top, Math.max(1, part - 1), 12, fillOf(name));
    edge += part;
    const y = top + 24 + row * LEGEND_ROW;
    svg.rect(x, y, 10, 10, fillOf(name));
    svg.text(x + 15, y + 9, text, 'text');
  }
}

function fillOf(outcome: Outcome): string {
  if (isError(outcome)) return 'badFill';
  if (outcome === 'retried') return 'retriedFill';
  return isGood(outcome) ? 'okFill' : 'otherFill';
}
