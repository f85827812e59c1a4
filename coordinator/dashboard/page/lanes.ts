/** Lanes below the charts, on the same time axis: failed deliveries, what happened, and each worker's state. */
import { AXIS_WIDTH, RIGHT_PADDING } from './charts.js';
import { h, keepChildren } from './dom.js';
import { clock } from './format.js';
import { told, type Told } from './happenings.js';
import type { History } from './history.js';
import { drawShape, icon } from './icons.js';
import { knownParts, silences } from './silences.js';
import { colour } from './theme.js';
import { WORKER_LOOKS } from './words.js';
import type { WorkerLook } from './worker-look.js';
import type { Stretch, WorkerPast } from './worker-past.js';

const HEIGHT = 18;
const BUSY_HEIGHT = 12;
const IDLE_HEIGHT = 5;

interface Lane {
  readonly name: string;
  readonly paint: (context: CanvasRenderingContext2D, xOf: (atMs: number) => number) => void;
  readonly label: string;
}

export class Lanes {
  readonly #place: HTMLElement;
  #history: History | undefined;
  #past: WorkerPast | undefined;
  #seconds = 60;

  constructor(place: HTMLElement) {
    this.#place = place;
    place.style.setProperty('--axis', `${AXIS_WIDTH}px`);
  }

  draw(history: History, past: WorkerPast, seconds: number): void {
    this.#history = history;
    this.#past = past;
    this.#seconds = seconds;
    this.redraw();
  }

  redraw(): void {
    if (this.#history === undefined || this.#past === undefined) return;
    const lanes = this.#lanes(this.#history, this.#past);
    const toMs = this.#history.latest * 1000;
    const fromMs = toMs - (this.#seconds - 1) * 1000;
    keepChildren(
      this.#place,
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

  #lanes(history: History, past: WorkerPast): Lane[] {
    const happenings = told(history.events(this.#seconds));
    const unknown = silences(history);
    return [
      failures(history, this.#seconds),
      marks(happenings.filter(({ weight }) => weight === 'mark')),
      ...past.ids.map((id) =>
        workerLane(
          id,
          past
            .stretches(id, (history.latest + 1 - this.#seconds) * 1000, (history.latest + 1) * 1000)
            .flatMap((stretch) => knownParts(stretch, unknown)),
        ),
      ),
    ];
  }
}

/** Failed and lost deliveries of each second, as bars. */
function failures(history: History, seconds: number): Lane {
  const all = history.recent(seconds).map(({ second, counts }) => ({
    atMs: second * 1000,
    failed: counts['deliveries.failed'] ?? 0,
    lost: counts['deliveries.lost'] ?? 0,
  }));
  const most = Math.max(4, ...all.map(({ failed, lost }) => failed + lost));
  const total = all.reduce((sum, { failed, lost }) => sum + failed + lost, 0);
  return {
    name: 'failures',
    label: `${total} deliveries failed or were lost in this time`,
    paint: (context, xOf) => {
      const width = Math.max(1.5, xOf(1000) - xOf(0) - 1);
      for (const { atMs, failed, lost } of all) {
        const red = ((HEIGHT - 2) * failed) / most;
        const purple = ((HEIGHT - 2) * lost) / most;
        context.fillStyle = colour('red');
        context.fillRect(xOf(atMs) - width / 2, HEIGHT - red, width, red);
        context.fillStyle = colour('purple');
        context.fillRect(xOf(atMs) - width / 2, HEIGHT - red - purple, width, purple);
      }
      context.fillStyle = colour('line');
      context.fillRect(0, HEIGHT - 1, xOf(Infinity) || 1e4, 1);
    },
  };
}

function marks(happenings: readonly Told[]): Lane {
  return {
    name: 'events',
    label:
      happenings
        .slice(0, 10)
        .map(({ atMs, sentence }) => `${clock(atMs)} ${sentence}`)
        .join('; ') || 'nothing happened',
    paint: (context, xOf) => {
      for (const { atMs, shape, tone } of happenings.toReversed()) {
        drawShape(context, shape, colour(tone), xOf(atMs), HEIGHT / 2);
      }
    },
  };
}

/** Nothing is drawn of times of which nobody knows. */
function workerLane(id: string, stretches: readonly Stretch[]): Lane {
  const last = stretches.at(-1);
  return {
    name: id,
    label: `${id} is ${last === undefined ? 'unknown' : WORKER_LOOKS[last.look].word}`,
    paint: (context, xOf) => {
      for (const { atMs, untilMs, look, inFlight } of stretches) {
        const isTall = look !== 'up' || inFlight > 0;
        const height = isTall ? BUSY_HEIGHT : IDLE_HEIGHT;
        const x = xOf(atMs);
        const width = Math.max(1, xOf(untilMs) - x);
        context.fillStyle = colour(WORKER_LOOKS[look].tone);
        context.fillRect(x, (HEIGHT - height) / 2, width, height);
        if (look !== 'up') hatch(context, look, x, (HEIGHT - height) / 2, width, height);
      }
    },
  };
}

/** Stripes, so that no state is told by its colour alone. */
function hatch(
  context: CanvasRenderingContext2D,
  look: WorkerLook,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  const step = look === 'down' ? 4 : 7;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour('surface');
  context.lineWidth = look === 'down' ? 1.5 : 1;
  for (let start = x - height; start < x + width; start += step) {
    context.beginPath();
    context.moveTo(start, y + height);
    context.lineTo(start + height, y);
    context.stroke();
  }
  context.restore();
}

/** What shapes and bars mean. */
export function laneKey(): HTMLElement[] {
  const of = (name: string, ...shape: Node[]) => h('li', {}, ...shape, name);
  return [
    of('failed', h('i', { class: 'bar tone-red' })),
    of('lost', h('i', { class: 'bar tone-purple' })),
    of('started', icon('return', 'green')),
    ...(['up', 'suspect', 'ejected', 'down'] as const).map((look) =>
      of(WORKER_LOOKS[look].word, icon(WORKER_LOOKS[look].shape, WORKER_LOOKS[look].tone)),
    ),
    of('sent once more', icon('return', 'orange')),
    of('thick: at work', h('i', { class: 'stretch busy tone-green' })),
    of('thin: idle', h('i', { class: 'stretch tone-green' })),
    of('none: not known', h('i', { class: 'stretch' })),
  ];
}
