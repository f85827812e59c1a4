/** Lanes below the charts, on the same time axis: failed deliveries, events, and the state of each worker. */
import { AXIS_WIDTH, RIGHT_PADDING } from './charts.js';
import { h, reconcileChildren } from './dom.js';
import { clock } from './format.js';
import { groupEvents, type EventGroup } from './event-marks.js';
import type { History } from './history.js';
import { drawShape, icon } from './icons.js';
import { knownParts, unknownPeriods } from './unknown-periods.js';
import { themeColor } from './theme.js';
import { WORKER_BADGES } from './badges.js';
import type { WorkerDisplayState } from './worker-display-state.js';
import type { StatePeriod, WorkerStateHistory } from './worker-state-history.js';

const HEIGHT = 18;
const BUSY_HEIGHT = 12;
const IDLE_HEIGHT = 5;

interface Lane {
  readonly name: string;
  readonly paint: (context: CanvasRenderingContext2D, xOf: (atMs: number) => number) => void;
  readonly label: string;
}

export class Lanes {
  readonly #container: HTMLElement;
  #history: History | undefined;
  #workerHistory: WorkerStateHistory | undefined;
  #seconds = 60;

  constructor(container: HTMLElement) {
    this.#container = container;
    container.style.setProperty('--axis', `${AXIS_WIDTH}px`);
  }

  draw(history: History, workerHistory: WorkerStateHistory, seconds: number): void {
    this.#history = history;
    this.#workerHistory = workerHistory;
    this.#seconds = seconds;
    this.redraw();
  }

  redraw(): void {
    if (this.#history === undefined || this.#workerHistory === undefined) return;
    const lanes = this.#lanes(this.#history, this.#workerHistory);
    const toMs = this.#history.latest * 1000;
    const fromMs = toMs - (this.#seconds - 1) * 1000;
    reconcileChildren(
      this.#container,
      lanes,
      ({ name }) => name,
      ({ name }) =>
        h('div', { class: 'lane' }, h('span', { class: 'lane-name' }, name), h('canvas', { role: 'img' })),
      (element, lane) => {
        const canvas = element.querySelector('canvas');
        if (canvas === null) return;
        canvas.setAttribute('aria-label', lane.label);
        const width = canvas.clientWidth;
        canvas.width = Math.round(width * devicePixelRatio);
        canvas.height = Math.round(HEIGHT * devicePixelRatio);
        const context = canvas.getContext('2d');
        if (context === null) return;
        context.scale(devicePixelRatio, devicePixelRatio);
        const xOf = (atMs: number) => ((atMs - fromMs) / (toMs - fromMs)) * (width - RIGHT_PADDING);
        lane.paint(context, xOf);
      },
    );
  }

  #lanes(history: History, workerHistory: WorkerStateHistory): Lane[] {
    const groups = groupEvents(history.events(this.#seconds));
    const unknown = unknownPeriods(history);
    return [
      failuresLane(history, this.#seconds),
      eventsLane(groups.filter(({ weight }) => weight === 'mark')),
      ...workerHistory.ids.map((id) =>
        workerLane(
          id,
          workerHistory
            .periods(id, (history.latest + 1 - this.#seconds) * 1000, (history.latest + 1) * 1000)
            .flatMap((period) => knownParts(period, unknown)),
        ),
      ),
    ];
  }
}

/** Failed and lost deliveries of each second, as bars. */
function failuresLane(history: History, seconds: number): Lane {
  const all = history.recent(seconds).map(({ second, counts }) => ({
    atMs: second * 1000,
    failed: counts['deliveries.failed'] ?? 0,
    lost: counts['deliveries.lost'] ?? 0,
  }));
  const maxCount = Math.max(4, ...all.map(({ failed, lost }) => failed + lost));
  const total = all.reduce((sum, { failed, lost }) => sum + failed + lost, 0);
  return {
    name: 'failures',
    label: `${total} deliveries failed or were lost in this time`,
    paint: (context, xOf) => {
      const width = Math.max(1.5, xOf(1000) - xOf(0) - 1);
      for (const { atMs, failed, lost } of all) {
        const red = ((HEIGHT - 2) * failed) / maxCount;
        const purple = ((HEIGHT - 2) * lost) / maxCount;
        context.fillStyle = themeColor('red');
        context.fillRect(xOf(atMs) - width / 2, HEIGHT - red, width, red);
        context.fillStyle = themeColor('purple');
        context.fillRect(xOf(atMs) - width / 2, HEIGHT - red - purple, width, purple);
      }
      context.fillStyle = themeColor('line');
      context.fillRect(0, HEIGHT - 1, xOf(Infinity) || 1e4, 1);
    },
  };
}

function eventsLane(groups: readonly EventGroup[]): Lane {
  return {
    name: 'events',
    label:
      groups
        .slice(0, 10)
        .map(({ atMs, sentence }) => `${clock(atMs)} ${sentence}`)
        .join('; ') || 'no events',
    paint: (context, xOf) => {
      for (const { atMs, shape, tone } of groups.toReversed()) {
        drawShape(context, shape, themeColor(tone), xOf(atMs), HEIGHT / 2);
      }
    },
  };
}

/** Unknown periods are left empty. */
function workerLane(id: string, periods: readonly StatePeriod[]): Lane {
  const last = periods.at(-1);
  return {
    name: id,
    label: `${id} is ${last === undefined ? 'unknown' : WORKER_BADGES[last.state].word}`,
    paint: (context, xOf) => {
      for (const { atMs, untilMs, state, inFlight } of periods) {
        const isTall = state !== 'up' || inFlight > 0;
        const height = isTall ? BUSY_HEIGHT : IDLE_HEIGHT;
        const x = xOf(atMs);
        const width = Math.max(1, xOf(untilMs) - x);
        context.fillStyle = themeColor(WORKER_BADGES[state].tone);
        context.fillRect(x, (HEIGHT - height) / 2, width, height);
        if (state !== 'up') hatch(context, state, x, (HEIGHT - height) / 2, width, height);
      }
    },
  };
}

/** Draws stripes, so that no state is shown by its color alone. */
function hatch(
  context: CanvasRenderingContext2D,
  state: WorkerDisplayState,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  const step = state === 'down' ? 4 : 7;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = themeColor('surface');
  context.lineWidth = state === 'down' ? 1.5 : 1;
  for (let start = x - height; start < x + width; start += step) {
    context.beginPath();
    context.moveTo(start, y + height);
    context.lineTo(start + height, y);
    context.stroke();
  }
  context.restore();
}

/** The legend of shapes and bars. */
export function laneKey(): HTMLElement[] {
  const of = (name: string, ...shape: Node[]) => h('li', {}, ...shape, name);
  return [
    of('failed', h('i', { class: 'bar tone-red' })),
    of('lost', h('i', { class: 'bar tone-purple' })),
    of('started', icon('return', 'green')),
    ...(['up', 'suspect', 'ejected', 'down'] as const).map((state) =>
      of(WORKER_BADGES[state].word, icon(WORKER_BADGES[state].shape, WORKER_BADGES[state].tone)),
    ),
    of('sent again', icon('return', 'orange')),
    of('thick: at work', h('i', { class: 'stretch busy tone-green' })),
    of('thin: idle', h('i', { class: 'stretch tone-green' })),
    of('none: unknown', h('i', { class: 'stretch' })),
  ];
}
