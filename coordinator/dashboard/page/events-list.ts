/** The list of events: the marks on the time axis as sentences. */
import { h, reconcileChildren, setText } from './dom.js';
import { clock, plural } from './format.js';
import { groupEvents, type EventGroup } from './event-marks.js';
import type { History } from './history.js';
import { icon } from './icons.js';

const MAX_EVENTS = 40;
const HISTORY_SECONDS = 600;

export function drawEvents(list: HTMLElement, empty: HTMLElement, history: History): void {
  const newest = groupEvents(history.events(HISTORY_SECONDS)).slice(0, MAX_EVENTS);
  empty.hidden = newest.length > 0;
  list.hidden = newest.length === 0;
  reconcileChildren(
    list,
    newest,
    ({ key }) => key,
    ({ atMs, shape, tone }) =>
      h(
        'li',
        {},
        icon(shape, tone),
        h('time', { datetime: new Date(atMs).toISOString() }, clock(atMs)),
        h('span'),
      ),
    (element, group) => {
      const sentence = element.querySelector('span');
      if (sentence !== null) setText(sentence, sentenceOf(group));
    },
  );
}

function sentenceOf({ weight, sentence, times, workers }: EventGroup): string {
  if (weight !== 'failure') return times > 1 ? `${sentence} × ${times}` : sentence;
  const where = workers.length === 0 ? '' : ` at ${workers.join(', ')}`;
  return `${plural(times, 'delivery', 'deliveries')} failed${where}: ${sentence}`;
}
