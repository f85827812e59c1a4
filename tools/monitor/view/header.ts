/** The first line: what this is, whether it can be believed; in a small terminal also the figures of all panes. */
import { clip, fitLine, lineWidth } from '../../kit/terminal/cells.js';
import { clockTime, count, duration, perSecond } from '../../kit/numbers/figures.js';
import { healthOf } from '../snapshot/health.js';
import type { Source } from '../snapshot/snapshot.js';
import type { Scene } from './scene.js';
import { span, type Line, type Style } from '../../kit/terminal/styled.js';

const WORD_STYLES: Readonly<Record<string, Style>> = { live: 'good', connecting: 'dim' };

export function headerLine(scene: Scene, width: number): Line {
  const { nowMs, ui, glyphs, endpoint, snapshot } = scene;
  const { word, reason } = healthOf(snapshot, nowMs);
  const name: Line = [span(' boomerang ', 'focus'), span(' ')];
  const at = ui.frozen?.atMs ?? nowMs;
  const clock = span(clockTime(at), 'dim');
  const state: Line =
    ui.frozen === undefined
      ? [span(word === 'live' ? `${glyphs.live} live` : word, WORD_STYLES[word] ?? 'bad')]
      : [span('FROZEN', 'warn'), span('  p goes on', 'dim')];
  const why = reason === undefined || ui.frozen !== undefined ? '' : ` ${reason}`;
  const fixed = lineWidth([...name, ...state]) + clock.text.length + 4;
  const room = width - fixed;
  const shownWhy = clip(why, Math.max(0, room), glyphs.ellipsis);
  const place = clip(endpoint, Math.max(0, room - shownWhy.length), glyphs.ellipsis);
  const left: Line = [...name, ...state, span(shownWhy, WORD_STYLES[word] ?? 'warn')];
  const right: Line = [span(place.length > 8 ? `${place}  ` : '', 'dim'), clock, span(' ')];
  const gap = Math.max(1, width - lineWidth(left) - lineWidth(right));
  return fitLine([...left, span(' '.repeat(gap)), ...right], width);
}

/** Where only one pane has room, what matters of the others. */
export function summaryLine({ rows, snapshot, flow, glyphs }: Scene, width: number): Line {
  const { depth, deadLetters } = snapshot.queue.value;
  const say = (source: Source<unknown>, value: string): string =>
    source.readAtMs === undefined ? glyphs.none : value;
  const sign = ` ${glyphs.separator} `;
  const parts = [
    rows.workersUp,
    `depth ${say(snapshot.queue, count(depth.visible))}`,
    `in ${say(snapshot.stats, `${perSecond(flow.in.perSecond)}/s`)}`,
    `out ${say(snapshot.stats, `${perSecond(flow.out.perSecond)}/s`)}`,
    `p99 ${duration(flow.p99.ms, glyphs.none)}`,
    ...(deadLetters > 0 ? [`dead letters ${count(deadLetters)}`] : []),
    `in flight ${say(snapshot.queue, count(depth.inFlight))}`,
  ];
  while (parts.length > 1 && parts.join(sign).length >= width) parts.pop();
  return fitLine([span(` ${parts.join(sign)}`, 'bold')], width);
}
