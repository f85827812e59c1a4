import { healthOf } from '../snapshot/health.js';
import { staleAside } from './asides.js';
import { figureLines, type Figure } from './figure-lines.js';
import { count, duration } from '../../kit/numbers/figures.js';
import type { PaneView, Scene } from './scene.js';
import type { QueueSample } from '../snapshot/snapshot.js';

export function queuePane(scene: Scene, width: number, height: number): PaneView {
  const { snapshot, nowMs, flow } = scene;
  const { depth, deadLetters, oldestQueuedMs } = snapshot.queue.value;
  const series = (pick: (sample: QueueSample) => number) => seriesOf(snapshot.samples, nowMs, pick);
  const isKnown = snapshot.queue.readAtMs !== undefined;
  const say = (value: string): string => (isKnown ? value : scene.glyphs.none);
  const figures: readonly Figure[] = [
    {
      name: 'depth',
      value: say(count(depth.visible)),
      series: series((sample) => sample.depth.visible),
      rank: 0,
    },
    {
      name: 'in flight',
      value: say(count(depth.inFlight)),
      series: series((sample) => sample.depth.inFlight),
      rank: 1,
    },
    {
      name: 'oldest',
      value: say(duration(oldestQueuedMs)),
      series: series((sample) => sample.oldestQueuedMs),
      style: oldestQueuedMs > 10_000 ? 'warn' : 'plain',
      rank: 2,
    },
    {
      name: 'dead letters',
      value: say(count(deadLetters)),
      series: series((sample) => sample.deadLetters),
      style: deadLetters > 0 ? 'bad' : 'plain',
      rank: 3,
    },
    {
      name: 'outstanding',
      // Coordinators say it; a silent one says nothing.
      value: healthOf(snapshot, nowMs).word === 'live' ? count(flow.outstanding.tasks) : scene.glyphs.none,
      series: flow.outstanding.series,
      rank: 4,
    },
  ];
  return {
    title: 'Queue',
    aside: staleAside(snapshot.queue, nowMs),
    lines: figureLines(figures, width, height, scene.glyphs),
  };
}

/** Second by second, a gap where nobody looked. */
function seriesOf(
  samples: readonly QueueSample[],
  nowMs: number,
  pick: (sample: QueueSample) => number,
): readonly (number | undefined)[] {
  const first = samples[0]?.second;
  if (first === undefined) return [];
  const last = Math.max(samples.at(-1)?.second ?? first, Math.floor(nowMs / 1000) - 1);
  const series = new Array<number | undefined>(last - first + 1).fill(undefined);
  for (const sample of samples) series[sample.second - first] = pick(sample);
  return series;
}
