/** Tables that change every second: rows stay, cells change. */
import type { TaskGlance } from '../../../contracts/http/live.js';
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import { h, keepChildren, setText } from './dom.js';
import { count, duration, ms, NOTHING, score } from './format.js';
import { badge, STATUS_LOOKS, WORKER_LOOKS } from './words.js';
import { waitingNote } from './waiting.js';
import { lookOf } from './worker-look.js';

interface Column<Row> {
  readonly name: string;
  readonly title?: string;
  /** Left out where there is little room; the task's own page has it. */
  readonly isExtra?: boolean;
  readonly isNumber?: boolean;
  readonly isHeader?: boolean;
  readonly cell: (row: Row) => string | Node;
}

interface TablePlan<Row> {
  readonly caption: string;
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
  /** What to do where there is nothing to show. */
  readonly whenEmpty: Node;
}

export function createTable<Row>(place: HTMLElement, plan: TablePlan<Row>): (rows: readonly Row[]) => void {
  const body = h('tbody');
  const classOf = ({ isExtra, isNumber }: Column<Row>) =>
    [isExtra ? 'extra' : '', isNumber ? 'number' : ''].filter(Boolean).join(' ') || undefined;
  const heads = plan.columns.map((column) =>
    h('th', { scope: 'col', class: classOf(column), title: column.title }, column.name),
  );
  const table = h(
    'table',
    {},
    h('caption', { class: 'unseen' }, plan.caption),
    h('thead', {}, h('tr', {}, ...heads)),
    body,
  );
  const notYet = waitingNote();
  const empty = h('p', { class: 'empty', hidden: true }, plan.whenEmpty);
  table.hidden = true;
  place.append(notYet, empty, table);
  const make = () =>
    h(
      'tr',
      {},
      ...plan.columns.map((column) =>
        column.isHeader
          ? h('th', { scope: 'row', class: classOf(column) })
          : h('td', { class: classOf(column) }),
      ),
    );
  const update = (element: HTMLElement, row: Row) => {
    plan.columns.forEach((column, index) => {
      const cell = element.children[index];
      if (cell === undefined) return;
      const content = column.cell(row);
      if (typeof content === 'string') setText(cell, content);
      else if (!(cell.firstChild?.isEqualNode(content) ?? false)) cell.replaceChildren(content);
    });
  };
  return (rows) => {
    notYet.remove();
    empty.hidden = rows.length > 0;
    table.hidden = rows.length === 0;
    keepChildren(body, rows, plan.keyOf, make, update);
  };
}

export const WORKER_TABLE: TablePlan<WorkerView> = {
  caption: 'Workers, their state and their work',
  keyOf: ({ id }) => id,
  whenEmpty: h(
    'span',
    {},
    'No worker was heard of in the last hour. ',
    h('code', {}, 'npm start'),
    ' starts three.',
  ),
  columns: [
    { name: 'Worker', isHeader: true, cell: ({ id }) => id },
    { name: 'State', cell: (worker) => badge(WORKER_LOOKS[lookOf(worker)]) },
    {
      name: 'In flight',
      isNumber: true,
      title: 'invokes that it holds now',
      cell: ({ inFlight }) => count(inFlight),
    },
    { name: 'Served', isNumber: true, title: 'tasks since it started', cell: ({ served }) => count(served) },
    {
      name: 'Failed',
      isNumber: true,
      title: 'tasks since it started, injected faults included',
      cell: ({ failed }) => count(failed),
    },
    {
      name: 'p50',
      isNumber: true,
      isExtra: true,
      title: 'compute time of its latest invokes',
      cell: ({ p50Ms }) => computed(p50Ms),
    },
    {
      name: 'p95',
      isNumber: true,
      isExtra: true,
      title: 'compute time of its latest invokes',
      cell: ({ p95Ms }) => computed(p95Ms),
    },
    {
      name: 'Heard of',
      isNumber: true,
      isExtra: true,
      title: 'age of its last heartbeat',
      cell: ({ heartbeatAgeMs }) => age(heartbeatAgeMs),
    },
    { name: 'Faults', isExtra: true, title: 'what it does wrong on purpose', cell: ({ faults }) => faults },
  ],
};

/** A worker that has not computed anything yet says 0. */
const computed = (valueMs: number): string => ms(valueMs === 0 ? undefined : valueMs);

const age = (valueMs: number): string => (valueMs < 2000 ? 'just now' : `${duration(valueMs)} ago`);

export const TASK_TABLE: TablePlan<TaskGlance> = {
  caption: 'The newest tasks; each leads to its deliveries',
  keyOf: ({ taskId }) => taskId,
  whenEmpty: h(
    'span',
    {},
    'No task came in the last hour. Try a sentence above, or send many with ',
    h('code', {}, 'npm run burst'),
    '.',
  ),
  columns: [
    { name: 'Status', cell: ({ status }) => badge(STATUS_LOOKS[status]) },
    {
      name: 'Text',
      isHeader: true,
      cell: ({ taskId, text }) => h('a', { href: `#task=${taskId}`, class: 'clip' }, text),
    },
    { name: 'Label', cell: ({ label }) => (label ?? NOTHING).toLowerCase() },
    { name: 'Score', isNumber: true, isExtra: true, cell: (task) => score(task.score) },
    { name: 'Worker', isExtra: true, cell: ({ workerId }) => workerId ?? NOTHING },
    { name: 'Deliveries', isNumber: true, isExtra: true, cell: ({ deliveries }) => count(deliveries) },
    {
      name: 'Total',
      isNumber: true,
      title: 'from admission to the final state',
      cell: ({ timings }) => ms(timings?.totalMs),
    },
  ],
};
