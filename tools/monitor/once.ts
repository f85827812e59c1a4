/** Prints the content of the monitor once, as text, for pipes and dumb terminals. */
import { healthOf } from './snapshot/health.js';
import { PANE_VIEWS } from './view/screen.js';
import type { Scene } from './view/scene.js';
import { span, type Line } from '../kit/terminal/styled.js';
import { PANES, type PaneName } from './ui/state.js';

const ROWS: Readonly<Record<PaneName, number>> = { workers: 65, queue: 5, flow: 10, tasks: 21, events: 16 };

export function onceLines(scene: Scene, width: number): readonly Line[] {
  const { word, reason } = healthOf(scene.snapshot, scene.nowMs);
  const at = new Date(scene.nowMs).toISOString();
  const head = [`boomerang ${scene.endpoint}`, at, word, ...(reason === undefined ? [] : [reason])];
  const panes = PANES.flatMap((pane): readonly Line[] => {
    const { title, aside, lines } = PANE_VIEWS[pane](scene, width - 2, ROWS[pane]);
    const asideSpans: Line = aside === undefined ? [] : [span('  '), aside];
    return [[], [span(title, 'bold'), ...asideSpans], ...lines.map((line): Line => [span('  '), ...line])];
  });
  return [[span(head.join('  '))], ...panes];
}
