/** Tables that change every second: rows are reused, cells change. */
import type { TaskGlance } from '../../../contracts/http/live.js';
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import { h, reconcileChildren, setText } from './dom.js';
import { count, duration, ms, NOTHING, score } from './format.js';
import { badge, STATUS_BADGES, WORKER_BADGES } from './badges.js';
import { waitingNote } from './waiting-note.js';
import { displayStateOf } from './worker-display-state.js';

interface Column<Row> {
  readonly name: string;
  readonly title?: string;
  /** Hidden on narrow screens; the dialog of the task shows it. */
  readonly isExtra?: boolean;
  readonly isNumber?: boolean;
  readonly isHeader?: boolean;
  readonly cell: (row: Row) => string | Node;
}

interface TablePlan<Row> {
  readonly caption: string;
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
  /** Shown instead of an empty table. */
  readonly whenEmpty: Node;
}

export function createTable<Row>(
  container: HTMLElement,
  plan: TablePlan<Row>,
): (rows: readonly Row[]) => void {
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
  const waiting = waitingNote();
  const empty = h('p', { class: 'empty', hidden: true }, plan.whenEmpty);
  table.hidden = true;
  container.append(waiting, empty, table);
  const makeRow = () =>
    h(
      'tr',
      {},
      ...plan.columns.map((column) =>
        column.isHeader
          ? h('th', { scope: 'row', class: classOf(column) })
          : h('td', { class: classOf(column) }),
      ),
    );
  const updateRow = (element: HTMLElement, row: Row) => {
    plan.columns.forEach((column, index) => {
      const cell = element.children[index];
      if (cell === undefined) return;
      const content = column.cell(row);
      if (typeof content === 'string') setText(cell, content);
      else if (!(cell.firstChild?.isEqualNode(content) ?? false)) cell.replaceChildren(content);
    });
  };
  return (rows) => {
    waiting.remove();
    empty.hidden = rows.length > 0;
    table.hidden = rows.length === 0;
    reconcileChildren(body, rows, plan.keyOf, makeRow, updateRow);
  };
}

export const WORKER_TABLE: TablePlan<WorkerView> = {
  caption: 'Workers, their state and their work',
  keyOf: ({ id }) => id,
  whenEmpty: h(
    'span',
    {},
    'No worker sent a heartbeat in the last hour. ',
    h('code', {}, 'npm start'),
    ' starts three.',
  ),
  columns: [
    { name: 'Worker', isHeader: true, cell: ({ id }) => id },
    { name: 'State', cell: (worker) => badge(WORKER_BADGES[displayStateOf(worker)]) },
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
      name: 'Heartbeat',
      isNumber: true,
      isExtra: true,
      title: 'age of its last heartbeat',
      cell: ({ heartbeatAgeMs }) => age(heartbeatAgeMs),
    },
    { name: 'Faults', isExtra: true, title: 'the faults that it injects', cell: ({ faults }) => faults },
  ],
};

/** A worker that has computed nothing yet reports 0. */
const computed = (valueMs: number): string => ms(valueMs === 0 ? undefined : valueMs);

const age = (valueMs: number): string => (valueMs < 2000 ? 'just now' : `${duration(valueMs)} ago`);

export const TASK_TABLE: TablePlan<TaskGlance> = {
  caption: 'The newest tasks, with links to their deliveries',
  keyOf: ({ taskId }) => taskId,
  whenEmpty: h(
    'span',
    {},
    'No task was accepted in the last hour. Try a sentence above, or send many with ',
    h('code', {}, 'npm run burst'),
    '.',
  ),
  columns: [
    { name: 'Status', cell: ({ status }) => badge(STATUS_BADGES[status]) },
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
      title: 'from admission to the terminal state',
      cell: ({ timings }) => ms(timings?.totalMs),
    },
  ],
};
