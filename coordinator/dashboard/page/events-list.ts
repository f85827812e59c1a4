/** The same as the marks on the time axis, in words. */
import { h, keepChildren, setText } from './dom.js';
import { clock, plural } from './format.js';
import { told, type Told } from './happenings.js';
import type { History } from './history.js';
import { icon } from './icons.js';

const MOST = 40;
const SECONDS = 600;

export function drawEvents(list: HTMLElement, empty: HTMLElement, history: History): void {
  const newest = told(history.events(SECONDS)).slice(0, MOST);
  empty.hidden = newest.length > 0;
  list.hidden = newest.length === 0;
  keepChildren(
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
    (element, one) => {
      const words = element.querySelector('span');
      if (words !== null) setText(words, sentenceOf(one));
    },
  );
}

function sentenceOf({ weight, sentence, times, workers }: Told): string {
  if (weight !== 'failure') return times > 1 ? `${sentence} × ${times}` : sentence;
  const where = workers.length === 0 ? '' : ` at ${workers.join(', ')}`;
  return `${plural(times, 'delivery', 'deliveries')} failed${where}: ${sentence}`;
}
