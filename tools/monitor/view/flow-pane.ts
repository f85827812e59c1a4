import { staleAside } from './asides.js';
import { figureLines, type Figure } from './figure-lines.js';
import { duration, perSecond } from '../../kit/numbers/figures.js';
import type { Latency, Rate } from './flow.js';
import type { PaneView, Scene } from './scene.js';
import type { Style } from '../../kit/terminal/styled.js';

export function flowPane(scene: Scene, width: number, height: number): PaneView {
  const { snapshot, nowMs, flow, glyphs } = scene;
  const rate = (name: string, of: Rate, rank: number, style?: Style): Figure => ({
    name,
    value: snapshot.stats.readAtMs === undefined ? glyphs.none : `${perSecond(of.perSecond)}/s`,
    series: of.series,
    rank,
    ...(style !== undefined && of.perSecond > 0 ? { style } : {}),
  });
  const latency = (name: string, of: Latency, rank: number): Figure => ({
    name,
    value: duration(of.ms, glyphs.none),
    series: of.series,
    rank,
  });
  const figures: readonly Figure[] = [
    rate('in', flow.in, 0),
    rate('out', flow.out, 1),
    latency('p50', flow.p50, 2),
    latency('p90', flow.p90, 8),
    latency('p95', flow.p95, 6),
    latency('p99', flow.p99, 3),
    rate('retries', flow.retries, 4, 'warn'),
    rate('faults', flow.faults, 5, 'fault'),
    rate('failed', flow.failed, 7, 'bad'),
    rate('rejected', flow.rejected, 9, 'warn'),
  ];
  return {
    title: 'Rates and latency',
    aside: staleAside(snapshot.stats, nowMs),
    lines: figureLines(figures, width, height, glyphs),
  };
}
