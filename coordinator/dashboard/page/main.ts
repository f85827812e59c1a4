/** The page, put together: one stream in, and every view drawn from what it brought. */
import type { LiveSecond, LiveTasks, LiveTrouble, LiveWorkers } from '../../../contracts/http/live.js';
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import type { StreamEvent } from './api.js';
import { createChart, PLANS, type Chart } from './charts.js';
import { showConnection } from './connection.js';
import { the } from './dom.js';
import { drawEvents } from './events-list.js';
import { Follower } from './follow.js';
import { happening } from './happenings.js';
import { History } from './history.js';
import { onKeyWanted } from './key.js';
import { laneKey, Lanes } from './lanes.js';
import { createTable, TASK_TABLE, WORKER_TABLE } from './tables.js';
import { watchFragment } from './task-dialog.js';
import { onThemeChange } from './theme.js';
import { createTiles } from './tiles.js';
import { wireTryBox } from './try-box.js';
import { sayWaiting, waitingNote } from './waiting.js';
import { WorkerPast } from './worker-past.js';

/** A page that nobody looks at for so long lets go of its stream. */
const REST_AFTER_MS = 60_000;
/** Seconds of the past come all at once; no browser's clock has to agree with the coordinator's. */
const LEAST_BETWEEN_LIVE_MS = 500;

const known = new History();
const past = new WorkerPast();
let workers: readonly WorkerView[] = [];
let isPaused = false;
let lastSecondAt = performance.now();

const windowChoice = the('window', HTMLSelectElement);
const drawTiles = createTiles(the('now', HTMLElement).querySelector('dl') ?? the('now', HTMLElement));
const drawWorkers = createTable(the('workers', HTMLElement), WORKER_TABLE);
const drawTasks = createTable(the('tasks', HTMLElement), TASK_TABLE);
const lanes = new Lanes(the('lanes', HTMLElement));
const eventsPlace = the('events', HTMLOListElement);
const noEvents = the('no-events', HTMLElement);
const noEventsYet = waitingNote();
noEvents.before(noEventsYet);
const seconds = (): number => Number(windowChoice.value);

const charts: readonly Chart[] = PLANS.map((plan, index) =>
  createChart(plan, index === PLANS.length - 1, {
    markedTimes: () =>
      known
        .events(seconds())
        .map(happening)
        .filter(({ weight, tone }) => weight === 'mark' && (tone === 'red' || tone === 'blue'))
        .map(({ atMs, tone }) => ({ time: atMs / 1000, tone })),
    onPoint: () => undefined,
  }),
);
the('charts', HTMLElement).append(...charts.map(({ element }) => element));
the('key-of-lanes', HTMLUListElement).append(...laneKey());

let isDrawing = false;
/** Once a frame, however many events came. */
function draw(): void {
  if (isDrawing || isPaused || document.hidden) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    if (known.latest === 0) return;
    for (const chart of charts) chart.draw(known, seconds());
    lanes.draw(known, past, seconds());
    drawTiles(known, workers);
    noEventsYet.remove();
    drawEvents(eventsPlace, noEvents, known);
  });
}

/** What the coordinator that serves this page sends. */
function take({ event, data }: StreamEvent): void {
  const message: unknown = JSON.parse(data);
  switch (event) {
    case 'stats': {
      const second = message as LiveSecond;
      const nowMs = performance.now();
      const isSteppedBack = known.add(second, nowMs - lastSecondAt >= LEAST_BETWEEN_LIVE_MS);
      if (isSteppedBack) past.forgetAfter((second.second + 1) * 1000);
      lastSecondAt = nowMs;
      for (const told of second.events) past.hear(told);
      past.forgetBefore((known.latest - 660) * 1000);
      draw();
      break;
    }
    case 'workers':
      workers = (message as LiveWorkers).workers;
      past.see(workers, known.latest === 0 ? Date.now() : (known.latest + 1) * 1000);
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
onKeyWanted((isWanted) => {
  connection.locked(isWanted);
  sayWaiting(isWanted);
});
const follower = new Follower({ path: '/events?history=600', onEvent: take, onState: connection.state });
follower.start();

let resting: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(resting);
  if (document.hidden) {
    resting = setTimeout(() => follower.stop(), REST_AFTER_MS);
  } else {
    follower.start();
    draw();
  }
});

const pause = the('pause', HTMLButtonElement);
pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.setAttribute('aria-pressed', String(isPaused));
  pause.textContent = isPaused ? 'Go on' : 'Pause';
  connection.paused(isPaused);
  if (!isPaused) drawWorkers(workers);
  draw();
});
windowChoice.addEventListener('change', draw);
onThemeChange(() => {
  for (const chart of charts) chart.remake();
  lanes.redraw();
});
new ResizeObserver(() => {
  for (const chart of charts) chart.resize();
  lanes.redraw();
}).observe(the('charts', HTMLElement));

wireTryBox();
watchFragment();
