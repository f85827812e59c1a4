/** The timeline of a task: the wait, then each delivery with its worker and its outcome. */
import type { HistoryEntry, TaskView } from '../../../contracts/http/answers.js';
import { isTerminalStatus } from '../../../contracts/batch/task-status.js';
import { h } from './dom.js';
import { clock, ms, NOTHING } from './format.js';
import { badge, CAUSE_WORDS, OUTCOME_BADGES } from './badges.js';

export function timeline(task: TaskView, nowMs: number): HTMLElement {
  const startMs = Date.parse(task.createdAt);
  const endMs = Math.max(startMs + 1, task.finishedAt === undefined ? nowMs : lastEnd(task));
  const share = (atMs: number): number => Math.min(1, Math.max(0, (atMs - startMs) / (endMs - startMs)));
  const rows = task.history.map((entry) => row(entry, startMs, endMs, share));
  if (rows.length === 0) {
    return h(
      'p',
      { class: 'empty' },
      isTerminalStatus(task.status)
        ? 'No delivery carried this task.'
        : 'Waiting in the queue for a free worker.',
    );
  }
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      { class: 'timeline' },
      h('caption', { class: 'unseen' }, 'Deliveries that carried this task'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col', class: 'number' }, '#'),
          h('th', { scope: 'col' }, 'Cause'),
          h('th', { scope: 'col' }, 'Worker'),
          h('th', { scope: 'col' }, 'Outcome'),
          h(
            'th',
            { scope: 'col', class: 'span-head' },
            h('span', {}, clock(startMs)),
            h('span', {}, `+ ${ms(endMs - startMs)}`),
          ),
          h('th', { scope: 'col', class: 'number' }, 'Took'),
        ),
      ),
      h('tbody', {}, ...rows),
    ),
  );
}

function row(
  entry: HistoryEntry,
  startMs: number,
  endMs: number,
  share: (atMs: number) => number,
): HTMLElement {
  const from = Date.parse(entry.startedAt);
  const until = entry.endedAt === undefined ? endMs : Date.parse(entry.endedAt);
  const style = OUTCOME_BADGES[entry.outcome ?? 'running'];
  const bar = h('span', { class: `span tone-${style.tone}` });
  bar.style.left = `${share(from) * 100}%`;
  bar.style.width = `${Math.max(0.6, (share(until) - share(from)) * 100)}%`;
  const details = [entry.fault === undefined ? undefined : `injected: ${entry.fault}`, errorTextOf(entry)]
    .filter((text) => text !== undefined)
    .join(' · ');
  return h(
    'tr',
    {},
    h('td', { class: 'number' }, String(entry.number)),
    h('td', {}, entry.cause === undefined ? NOTHING : CAUSE_WORDS[entry.cause]),
    h('td', {}, entry.workerId ?? NOTHING),
    h('td', {}, badge(style), details === '' ? undefined : h('small', { class: 'why' }, details)),
    h('td', { class: 'track', title: `from + ${ms(from - startMs)}` }, bar),
    h(
      'td',
      { class: 'number' },
      entry.endedAt === undefined && entry.outcome !== undefined ? NOTHING : ms(until - from),
    ),
  );
}

function errorTextOf({ error }: HistoryEntry): string | undefined {
  return error === undefined ? undefined : [error.code, error.message].filter(Boolean).join(': ');
}

/** The last end of the task and its deliveries: a late delivery may end after the task. */
function lastEnd(task: TaskView): number {
  const ends = task.history.map(({ endedAt, startedAt }) => Date.parse(endedAt ?? startedAt));
  return Math.max(Date.parse(task.finishedAt ?? task.createdAt), ...ends);
}
