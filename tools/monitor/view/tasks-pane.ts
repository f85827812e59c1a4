import type { TaskStatus } from '../../../contracts/batch/task-status.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import { filterAside, staleAside } from './asides.js';
import { duration } from '../../kit/numbers/figures.js';
import { listLines } from './list.js';
import { chosenIndex, keysOf } from './rows.js';
import type { PaneView, Scene } from './scene.js';
import { span, type Style } from '../../kit/terminal/styled.js';
import { fitTable, type Column } from './table.js';

export const STATUS_STYLES: Readonly<Record<TaskStatus, Style>> = {
  queued: 'dim',
  running: 'accent',
  succeeded: 'good',
  failed: 'bad',
  expired: 'warn',
  cancelled: 'dim',
};

export function tasksPane(scene: Scene, width: number, height: number): PaneView {
  const { rows, ui, snapshot, nowMs, glyphs } = scene;
  const table = fitTable(columns(scene), width, glyphs.ellipsis);
  const lines = listLines(table, {
    rows: rows.tasks,
    chosen: chosenIndex(keysOf(rows, 'tasks'), ui.chosen.tasks),
    height,
    isMarked: ui.pane === 'tasks',
    emptyText: ui.filters.tasks === '' ? 'no task yet' : 'none of the newest tasks matches the filter',
  });
  const aside = staleAside(snapshot.tasks, nowMs) ?? filterAside(scene, 'tasks');
  return { title: 'Tasks, newest first', aside, lines };
}

function columns({ glyphs, nowMs, rows }: Scene): readonly Column<TaskView>[] {
  const workerWidth = Math.min(16, Math.max(8, ...rows.workers.map(({ id }) => id.length)));
  return [
    {
      title: 'status',
      width: 11,
      rank: 0,
      cell: ({ status }) => span(`${glyphs.statuses[status]} ${status}`, STATUS_STYLES[status]),
    },
    { title: 'label', width: 8, rank: 1, cell: ({ label }) => span(glyphs.text(label ?? '')) },
    {
      title: 'worker',
      width: workerWidth,
      rank: 2,
      cell: (task) => span(glyphs.text(workerOf(task) ?? ''), task.workerId === undefined ? 'dim' : 'plain'),
    },
    {
      title: 'dlv',
      width: 3,
      align: 'right',
      rank: 1,
      cell: ({ deliveries }) => span(String(deliveries), deliveries > 1 ? 'warn' : 'dim'),
    },
    {
      title: 'latency',
      width: 7,
      align: 'right',
      rank: 0,
      cell: (task) => span(duration(latencyOf(task, nowMs)), task.timings === undefined ? 'dim' : 'plain'),
    },
    {
      title: 'text',
      width: 10,
      rank: 3,
      grows: true,
      cell: ({ text, error }) => [
        span(error === undefined ? '' : `${glyphs.text(error.code)}  `, 'bad'),
        span(glyphs.text(text), 'dim'),
      ],
    },
  ];
}

/** Who answered it, or has it, or had it last. */
export function workerOf({ workerId, history }: TaskView): string | undefined {
  return workerId ?? history.at(-1)?.workerId;
}

/** Until the answer; of an open task, until now. */
export function latencyOf({ timings, createdAt }: TaskView, nowMs: number): number {
  return timings?.totalMs ?? Math.max(0, nowMs - Date.parse(createdAt));
}
