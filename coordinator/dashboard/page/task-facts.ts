/** The facts about one task, beside its timeline. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { h } from './dom.js';
import { clock, count, ms, NOTHING } from './format.js';
import { labelTone } from './label-tone.js';
import { badge, STATUS_BADGES } from './badges.js';

/** The label and its score, or the status and the error. */
export function taskResult(task: TaskView): HTMLElement {
  if (task.label === undefined || task.score === undefined) {
    const error =
      task.error === undefined
        ? undefined
        : h('span', { class: 'why' }, `${task.error.code}: ${task.error.message}`);
    return h('p', { class: 'verdict' }, badge(STATUS_BADGES[task.status]), error);
  }
  const meter = h('span', { class: 'meter', 'aria-hidden': 'true' });
  const level = h('span', { class: `level tone-${labelTone(task.label)}` });
  level.style.width = `${task.score * 100}%`;
  meter.append(level);
  return h(
    'p',
    { class: 'verdict' },
    h('strong', { class: 'label' }, task.label.toLowerCase()),
    meter,
    h('span', { class: 'score' }, `${(task.score * 100).toFixed(2)} % sure`),
  );
}

export function taskFacts(task: TaskView): HTMLElement {
  const rows: readonly (readonly [string, string])[] = [
    ['worker', task.workerId ?? NOTHING],
    ['deliveries', count(task.deliveries)],
    ['waited', ms(task.timings?.queueMs)],
    ['computed', ms(task.timings?.computeMs)],
    ['total', ms(task.timings?.totalMs)],
  ];
  return h(
    'dl',
    { class: 'facts' },
    ...rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

export function taskDetails(task: TaskView): HTMLElement {
  const link = (taskId: string) => h('a', { href: `#task=${taskId}` }, taskId);
  const rows: (readonly [string, string | Node] | undefined)[] = [
    ['task', task.taskId],
    ['batch', task.batchId],
    ['request', task.requestId],
    ['accepted', clock(Date.parse(task.createdAt))],
    task.deadlineAt === undefined ? undefined : ['deadline', clock(Date.parse(task.deadlineAt))],
    task.deadLetteredAt === undefined ? undefined : ['dead-lettered', clock(Date.parse(task.deadLetteredAt))],
    task.redriveOf === undefined ? undefined : ['redrive of', link(task.redriveOf)],
    task.redrivenAs === undefined ? undefined : ['redriven as', link(task.redrivenAs)],
  ];
  return h(
    'dl',
    { class: 'origins' },
    ...rows.flatMap((row) => (row === undefined ? [] : [h('dt', {}, row[0]), h('dd', {}, row[1])])),
  );
}
