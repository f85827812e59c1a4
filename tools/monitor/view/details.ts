/** The details of the selected row, which Enter opens. */
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { ListName } from '../ui/state.js';
import type { EventRow } from './event-rows.js';
import { describeRow } from './describe-events.js';
import { clockTime, describeAge, duration } from '../../kit/numbers/figures.js';
import type { Glyphs } from './glyphs.js';
import type { Scene } from './scene.js';
import { span, type Line } from '../../kit/terminal/styled.js';
import { fact, taskLines, wrapped } from './task-detail.js';
import { STATE_STYLES } from './workers-pane.js';

export interface Detail {
  readonly title: string;
  readonly lines: readonly Line[];
}

export function detailOf(scene: Scene, list: ListName, key: string, width: number): Detail {
  const gone: Detail = { title: 'Nothing', lines: [[span('Not read yet, or gone.', 'dim')]] };
  switch (list) {
    case 'tasks': {
      const task = findTask(scene.snapshot, key);
      return task === undefined ? gone : { title: 'Task', lines: taskLines(task, scene, width) };
    }
    case 'workers': {
      const worker = scene.rows.workers.find(({ id }) => id === key);
      return worker === undefined ? gone : { title: key, lines: workerLines(worker, scene, width) };
    }
    case 'events': {
      const event = scene.rows.events.find((one) => one.key === key);
      return event === undefined ? gone : { title: 'Event', lines: eventLines(event, scene, width) };
    }
  }
}

export function findTask({ tasks, watched }: Snapshot, taskId: string): TaskView | undefined {
  return [...watched, ...tasks.value].find((task) => task.taskId === taskId);
}

/** A worker that has not computed anything yet says 0. */
const computed = (ms: number, { none }: Glyphs): string => duration(ms === 0 ? undefined : ms, none);

function workerLines(worker: WorkerView, { glyphs }: Scene, width: number): readonly Line[] {
  const { state, reason, ejectedUntil, injected = {} } = worker;
  const kinds = Object.entries(injected).filter(([, times]) => times > 0);
  return [
    [
      span(`${glyphs.states[state]} ${state}`, STATE_STYLES[state]),
      span(reason === undefined ? '' : `  ${reason}`, 'warn'),
    ],
    ...(ejectedUntil === undefined ? [] : [fact('until', ejectedUntil, 'warn')]),
    fact('address', worker.address),
    fact('started', worker.startedAt),
    fact('heartbeat', `${describeAge(worker.heartbeatAgeMs)} ago`),
    fact('in flight', String(worker.inFlight)),
    fact('served', `${worker.served} tasks, ${worker.failed} failed`),
    fact('model', `p50 ${computed(worker.p50Ms, glyphs)}, p95 ${computed(worker.p95Ms, glyphs)}`),
    ...wrapped(glyphs.text(worker.model), width - 10).map((text) => fact('', text)),
    [],
    fact('faults on', ''),
    ...wrapped(glyphs.text(worker.faults.replaceAll(',', ', ')), width - 2).map((text): Line => [
      span('  '),
      span(text, worker.faults === 'none' ? 'dim' : 'fault'),
    ]),
    fact('injected', kinds.length === 0 ? 'nothing since it started' : ''),
    ...kinds.map(([kind, times]): Line => [
      span(`  ${glyphs.fault} `, 'fault'),
      span(`${kind} ${glyphs.times} ${times}`),
    ]),
  ];
}

const MAX_EVENTS_SHOWN = 50;

function eventLines(row: EventRow, { glyphs }: Scene, width: number): readonly Line[] {
  const { text, style } = describeRow(row, glyphs.arrow);
  const said = wrapped(glyphs.text(text), width).map((part): Line => [span(part, style)]);
  return [
    ...said,
    ...row.events.slice(0, MAX_EVENTS_SHOWN).flatMap((event) => factsOf(event, glyphs, width)),
  ];
}

function factsOf({ atMs, name, fields }: StatsEvent, glyphs: Glyphs, width: number): readonly Line[] {
  return [
    [],
    fact('at', `${clockTime(atMs)}   ${new Date(atMs).toISOString()}`),
    fact('event', name),
    ...Object.entries(fields).flatMap(([field, value]) =>
      wrapped(glyphs.text(String(value)), width - 10).map((part, index) =>
        fact(index === 0 ? field : '', part, field === 'fault' ? 'fault' : 'plain'),
      ),
    ),
  ];
}
