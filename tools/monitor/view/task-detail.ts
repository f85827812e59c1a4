/** A task with each delivery that carried it. */
import type { DeliveryCause } from '../../../contracts/batch/delivery-cause.js';
import type { HistoryEntry, TaskView } from '../../../contracts/http/answers.js';
import { widthOf } from '../../kit/terminal/cells.js';
import { clockTime, duration } from '../../kit/numbers/figures.js';
import type { Scene } from './scene.js';
import { span, type Line, type Style } from '../../kit/terminal/styled.js';
import { latencyOf, STATUS_STYLES } from './tasks-pane.js';

const OUTCOME_STYLES: Readonly<Record<string, Style>> = {
  succeeded: 'good',
  failed: 'bad',
  lost: 'bad',
  released: 'dim',
  late: 'warn',
};

const CAUSE_WORDS = {
  first: 'first',
  visibility_timeout: 'visibility timeout',
  backoff: 'back-off',
  resent: 'sent again',
  redriven: 'redriven',
} as const satisfies Record<DeliveryCause, string>;

export function taskLines(task: TaskView, scene: Scene, width: number): readonly Line[] {
  const { glyphs, nowMs } = scene;
  const { status, label, score, timings, deliveries, history } = task;
  const answer = label === undefined ? '' : `  ${label}${score === undefined ? '' : ` ${score.toFixed(4)}`}`;
  return [
    [span(`${glyphs.statuses[status]} ${status}`, STATUS_STYLES[status]), span(glyphs.text(answer), 'bold')],
    ...wrapped(glyphs.text(task.text), width).map((text): Line => [span(text)]),
    [],
    fact('task', task.taskId),
    fact('request', glyphs.text(task.requestId)),
    fact('accepted', `${clockTime(Date.parse(task.createdAt))}   ${task.createdAt}`),
    ...(task.deadlineAt === undefined ? [] : [fact('deadline', task.deadlineAt)]),
    [
      ...fact('took', duration(latencyOf(task, nowMs))),
      span(
        timings?.queueMs === undefined
          ? ''
          : `   queue ${duration(timings.queueMs)}, model ${duration(timings.computeMs)}`,
        'dim',
      ),
    ],
    ...(task.error === undefined
      ? []
      : [fact('error', glyphs.text(`${task.error.code}: ${task.error.message}`), 'bad')]),
    ...(task.deadLetteredAt === undefined
      ? []
      : [fact('given up', `${task.deadLetteredAt} (dead letter)`, 'bad')]),
    ...(task.redriveOf === undefined ? [] : [fact('once more', `of ${task.redriveOf}`)]),
    ...(task.redrivenAs === undefined ? [] : [fact('redriven', `as ${task.redrivenAs}`)]),
    [],
    [span(`Deliveries (${deliveries})`, 'bold')],
    ...(history.length === 0 ? [[span('none yet: it waits in the queue', 'dim')]] : []),
    ...history.flatMap((delivery) => deliveryLines(delivery, task, scene, width)),
  ];
}

function deliveryLines(
  delivery: HistoryEntry,
  task: TaskView,
  { glyphs, nowMs }: Scene,
  width: number,
): readonly Line[] {
  const { number, cause, workerId, startedAt, endedAt, outcome, fault, error } = delivery;
  const startedMs = Date.parse(startedAt);
  const tookMs = (endedAt === undefined ? nowMs : Date.parse(endedAt)) - startedMs;
  const after = `+${duration(Math.max(0, startedMs - Date.parse(task.createdAt)))}`;
  const style = outcome === undefined ? 'accent' : (OUTCOME_STYLES[outcome] ?? 'plain');
  const line: Line = [
    span(String(number).padStart(3), 'dim'),
    span(`  ${after.padEnd(9)}`, 'dim'),
    span(glyphs.text(workerId ?? glyphs.none).padEnd(10), 'bold'),
    span(` ${(outcome ?? 'running').padEnd(10)}`, style),
    span(duration(Math.max(0, tookMs)).padStart(7)),
    span(fault === undefined ? '' : `  ${glyphs.fault} ${glyphs.text(fault)}`, 'fault'),
    span(cause === undefined ? '' : `  ${CAUSE_WORDS[cause]}`, 'dim'),
  ];
  const said = error === undefined ? [] : wrapped(glyphs.text(`${error.code}: ${error.message}`), width - 14);
  return [line, ...said.map((text): Line => [span(' '.repeat(14)), span(text, 'dim')])];
}

export function fact(name: string, value: string, style: Style = 'plain'): Line {
  return [span(name.padEnd(10), 'dim'), span(value, style)];
}

/** By words where there are any. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = line === '' ? word : `${line} ${word}`;
    if (widthOf(rest) > width && line !== '') {
      lines.push(line);
      rest = word;
    }
    while (widthOf(rest) > width) {
      const head = Array.from(rest)
        .slice(0, Math.max(1, Math.floor(width / 2)))
        .join('');
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  return [...lines, line];
}
