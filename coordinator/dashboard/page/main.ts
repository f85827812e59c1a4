/** Composes the page: one event stream feeds all views. */
import type { LiveSecond, LiveTasks, LiveTrouble, LiveWorkers } from '../../../contracts/http/live.js';
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import type { StreamEvent } from './api.js';
import { createChart, CHARTS, type Chart } from './charts.js';
import { showConnection } from './connection.js';
import { requireElement } from './dom.js';
import { drawEvents } from './events-list.js';
import { StreamFollower } from './stream-follower.js';
import { markOf } from './event-marks.js';
import { History } from './history.js';
import { onKeyPrompt } from './key.js';
import { laneKey, Lanes } from './lanes.js';
import { createTable, TASK_TABLE, WORKER_TABLE } from './tables.js';
import { watchFragment } from './task-dialog.js';
import { onThemeChange } from './theme.js';
import { createTiles } from './tiles.js';
import { wireTryBox } from './try-box.js';
import { updateWaitingNotes, waitingNote } from './waiting-note.js';
import { WorkerStateHistory } from './worker-state-history.js';

/** A page that is hidden for this long closes its stream. */
const HIDDEN_STREAM_MS = 60_000;
/** Replayed seconds come faster than this, live ones slower; the browser's clock is not compared with the coordinator's. */
const MIN_LIVE_INTERVAL_MS = 500;

const history = new History();
const workerHistory = new WorkerStateHistory();
let workers: readonly WorkerView[] = [];
let isPaused = false;
let lastSecondAt = performance.now();

const windowChoice = requireElement('window', HTMLSelectElement);
const drawTiles = createTiles(
  requireElement('now', HTMLElement).querySelector('dl') ?? requireElement('now', HTMLElement),
);
const drawWorkers = createTable(requireElement('workers', HTMLElement), WORKER_TABLE);
const drawTasks = createTable(requireElement('tasks', HTMLElement), TASK_TABLE);
const lanes = new Lanes(requireElement('lanes', HTMLElement));
const eventsList = requireElement('events', HTMLOListElement);
const noEvents = requireElement('no-events', HTMLElement);
const noEventsYet = waitingNote();
noEvents.before(noEventsYet);
const seconds = (): number => Number(windowChoice.value);

const charts: readonly Chart[] = CHARTS.map((plan, index) =>
  createChart(plan, index === CHARTS.length - 1, {
    markedTimes: () =>
      history
        .events(seconds())
        .map(markOf)
        .filter(({ weight, tone }) => weight === 'mark' && (tone === 'red' || tone === 'blue'))
        .map(({ atMs, tone }) => ({ time: atMs / 1000, tone })),
  }),
);
requireElement('charts', HTMLElement).append(...charts.map(({ element }) => element));
requireElement('key-of-lanes', HTMLUListElement).append(...laneKey());

let isDrawing = false;
/** Draws once a frame, however many events came. */
function draw(): void {
  if (isDrawing || isPaused || document.hidden) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    if (history.latest === 0) return;
    for (const chart of charts) chart.draw(history, seconds());
    lanes.draw(history, workerHistory, seconds());
    drawTiles(history, workers);
    noEventsYet.remove();
    drawEvents(eventsList, noEvents, history);
  });
}

/** Messages are trusted: this page comes from the same coordinator. */
function handleEvent({ event, data }: StreamEvent): void {
  const message: unknown = JSON.parse(data);
  switch (event) {
    case 'stats': {
      const second = message as LiveSecond;
      const nowMs = performance.now();
      const isSteppedBack = history.add(second, nowMs - lastSecondAt >= MIN_LIVE_INTERVAL_MS);
      if (isSteppedBack) workerHistory.forgetAfter((second.second + 1) * 1000);
      lastSecondAt = nowMs;
      for (const statsEvent of second.events) workerHistory.recordEvent(statsEvent);
      workerHistory.forgetBefore((history.latest - 660) * 1000);
      draw();
      break;
    }
    case 'workers':
      workers = (message as LiveWorkers).workers;
      workerHistory.recordWorkers(workers, history.latest === 0 ? Date.now() : (history.latest + 1) * 1000);
      if (!isPaused) drawWorkers(workers);
      draw();
      break;
    case 'tasks':
      if (!isPaused) drawTasks((message as LiveTasks).tasks);
      break;
    case 'trouble':
      connection.trouble((message as LiveTrouble).unread);
      break;
  }
}

const connection = showConnection();
onKeyPrompt((isPrompting) => {
  connection.locked(isPrompting);
  updateWaitingNotes(isPrompting);
});
const follower = new StreamFollower({
  path: '/events?history=600',
  onEvent: handleEvent,
  onState: connection.state,
});
follower.start();

let stopTimer: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(stopTimer);
  if (document.hidden) {
    stopTimer = setTimeout(() => follower.stop(), HIDDEN_STREAM_MS);
  } else {
    follower.start();
    draw();
  }
});

const pause = requireElement('pause', HTMLButtonElement);
pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.setAttribute('aria-pressed', String(isPaused));
  pause.textContent = isPaused ? 'Resume' : 'Pause';
  connection.paused(isPaused);
  if (!isPaused) drawWorkers(workers);
  draw();
});
windowChoice.addEventListener('change', draw);
onThemeChange(() => {
  for (const chart of charts) chart.recreate();
  lanes.redraw();
});
new ResizeObserver(() => {
  for (const chart of charts) chart.resize();
  lanes.redraw();
}).observe(requireElement('charts', HTMLElement));

wireTryBox();
watchFragment();
