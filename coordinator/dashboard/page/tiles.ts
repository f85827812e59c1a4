/** The most important figures, as tiles at the top. */
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import { h, setText } from './dom.js';
import { count, ms, NOTHING, rate } from './format.js';
import type { History } from './history.js';

const RATE_SECONDS = 5;

interface Tile {
  readonly name: string;
  readonly title: string;
  readonly read: (
    history: History,
    workers: readonly WorkerView[],
  ) => { text: string; more?: string; alarm?: boolean };
}

const mean = (history: History, name: string): number => {
  const seconds = history.recent(RATE_SECONDS).filter(({ coordinators }) => coordinators.length > 0);
  const sum = seconds.reduce((all, { counts }) => all + (counts[name] ?? 0), 0);
  return sum / Math.max(1, seconds.length);
};
const total = (history: History, name: string, seconds = 60): number =>
  history.recent(seconds).reduce((all, { counts }) => all + (counts[name] ?? 0), 0);
const lastLatency = (history: History) =>
  history.recent(RATE_SECONDS).findLast(({ latency }) => latency.p50Ms !== null)?.latency;
const lastQueue = (history: History) =>
  history.recent(RATE_SECONDS).findLast(({ queue }) => queue !== null)?.queue;

const TILES: readonly Tile[] = [
  {
    name: 'Answered',
    title: `tasks a second, mean of the last ${RATE_SECONDS} s`,
    read: (history) => ({ text: rate(mean(history, 'succeeded')), more: '/s' }),
  },
  {
    name: 'Median',
    title: 'latency of half of the tasks, from admission to the answer, in the last busy second',
    read: (history) => unit(ms(lastLatency(history)?.p50Ms)),
  },
  {
    name: 'p99',
    title: 'latency that one task in a hundred exceeds, in the last busy second',
    read: (history) => unit(ms(lastLatency(history)?.p99Ms)),
  },
  {
    name: 'Outstanding',
    title: 'tasks that are accepted and not yet in a terminal state',
    read: (history) => ({
      text: count(
        history.recent(3).findLast(({ coordinators }) => coordinators.length > 0)?.outstandingTasks ?? 0,
      ),
    }),
  },
  {
    name: 'Oldest',
    title: 'age of the unfinished batch that has waited longest',
    read: (history) => unit(ms(lastQueue(history)?.oldestQueuedMs)),
  },
  {
    name: 'Workers',
    title: 'workers that are up, of those that were heard of in the last hour',
    read: (_history, workers) => {
      const up = workers.filter(({ state }) => state === 'up').length;
      return {
        text: workers.length === 0 ? NOTHING : `${up}`,
        more: `of ${workers.length}`,
        alarm: up < workers.length,
      };
    },
  },
  {
    name: 'Retries',
    title: 'deliveries after the first, of tasks that ended in the last minute',
    read: (history) => ({ text: count(total(history, 'retries')), more: '/min' }),
  },
  {
    name: 'Dead letters',
    title: 'messages that reached the limit of deliveries',
    read: (history) => {
      const dead = lastQueue(history)?.deadLetters;
      return { text: count(dead), alarm: (dead ?? 0) > 0 };
    },
  },
];

function unit(text: string): { text: string; more?: string } {
  const [number = '', more] = text.split(' ');
  return more === undefined ? { text: number } : { text: number, more };
}

export function createTiles(
  container: HTMLElement,
): (history: History, workers: readonly WorkerView[]) => void {
  const tiles = TILES.map(({ name, title, read }) => {
    const value = h('b', {}, NOTHING);
    const more = h('span', { class: 'unit' });
    const tile = h('div', { class: 'tile', title }, h('dt', {}, name), h('dd', {}, value, more));
    container.append(tile);
    return { read, tile, value, more };
  });
  return (history, workers) => {
    for (const { read, tile, value, more } of tiles) {
      const figure = read(history, workers);
      setText(value, figure.text);
      setText(more, figure.text === NOTHING ? '' : (figure.more ?? ''));
      tile.classList.toggle('alarm', figure.alarm === true);
    }
  };
}
