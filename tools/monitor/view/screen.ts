/** The whole screen as lines, exactly as many and as wide as the terminal has room for. */
import type { PaneName } from '../ui/state.js';
import { boxed } from './boxed.js';
import { fitLine } from '../../kit/terminal/cells.js';
import { detailOf } from './details.js';
import { eventsPane } from './events-pane.js';
import { flowPane } from './flow-pane.js';
import { footerLine } from './footer.js';
import { headerLine, summaryLine } from './header.js';
import { healthOf } from '../snapshot/health.js';
import { helpLines } from './help.js';
import { layoutOf, MIN_SIZE, type Place, type Size } from './layout.js';
import { popupWidth, withPopup, type Popup } from './popup.js';
import { queuePane } from './queue-pane.js';
import type { PaneView, Scene } from './scene.js';
import { span, type Line } from '../../kit/terminal/styled.js';
import { tasksPane } from './tasks-pane.js';
import { workersPane } from './workers-pane.js';

type Pane = (scene: Scene, width: number, height: number) => PaneView;

export const PANE_VIEWS: Readonly<Record<PaneName, Pane>> = {
  workers: workersPane,
  queue: queuePane,
  flow: flowPane,
  tasks: tasksPane,
  events: eventsPane,
};

/** Frame and the space beside it. */
const FRAME_COLUMNS = 4;
const FRAME_ROWS = 2;

export function screenLines(scene: Scene, size: Size): readonly Line[] {
  const layout = layoutOf(size, scene.ui, scene.rows.workers.length);
  if (layout.kind === 'none') return tooSmall(scene, size);
  const top = [
    headerLine(scene, size.columns),
    ...(layout.kind === 'small' ? [summaryLine(scene, size.columns)] : []),
  ];
  const body = placed(scene, layout.places, size);
  const screen = [...top, ...body.slice(top.length, size.rows - 1), footerLine(scene, size.columns)];
  const popup = popupOf(scene, size);
  return popup === undefined ? screen : withPopup(screen, size, popup, scene.glyphs);
}

/** Panes never overlap, so each line is made of those that it crosses, from left to right. */
function placed(scene: Scene, places: readonly Place[], size: Size): readonly Line[] {
  const boxes = places
    .toSorted((one, other) => one.x - other.x)
    .map((place) => ({ place, lines: framed(scene, place) }));
  return Array.from({ length: size.rows }, (_, row): Line => {
    const parts = boxes.flatMap(({ place, lines }) => lines[row - place.y] ?? []);
    return fitLine(parts, size.columns);
  });
}

function framed(scene: Scene, { pane, width, height }: Place): readonly Line[] {
  const view = PANE_VIEWS[pane](scene, width - FRAME_COLUMNS, height - FRAME_ROWS);
  const { title, aside, lines } = view;
  return boxed(lines, { title, aside, width, height, hasFocus: scene.ui.pane === pane }, scene.glyphs);
}

export function popupOf(scene: Scene, size: Size): Popup | undefined {
  const { mode } = scene.ui;
  switch (mode.kind) {
    case 'browse':
    case 'filter':
      return undefined;
    case 'help':
      return { title: 'Help', lines: helpLines(scene), scroll: mode.scroll };
    case 'confirm': {
      const question = `${mode.action} ${scene.glyphs.text(mode.workerId)}?`;
      const answers: Line = [
        span('y', 'accent'),
        span(' yes   '),
        span('any other key', 'accent'),
        span(' no'),
      ];
      const frozen: readonly Line[] =
        scene.ui.frozen === undefined ? [] : [[], [span('Frozen: you see what comes of it after p.', 'dim')]];
      return { title: 'Sure?', lines: [[span(question, 'bold')], [], answers, ...frozen], scroll: 0 };
    }
    case 'detail': {
      const { title, lines } = detailOf(scene, mode.list, mode.key, popupWidth(size));
      return { title, lines, scroll: mode.scroll };
    }
  }
}

function tooSmall(scene: Scene, { columns, rows }: Size): readonly Line[] {
  const said = [
    `${healthOf(scene.snapshot, scene.nowMs).word}: too small`,
    `${MIN_SIZE.columns}x${MIN_SIZE.rows} is needed`,
    'q quits',
  ];
  return Array.from({ length: rows }, (_, row) => fitLine([span(said[row] ?? '')], columns));
}
