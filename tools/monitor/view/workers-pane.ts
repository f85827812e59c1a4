import type { WorkerState } from '../../../contracts/worker/worker.js';
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import { staleAside, filterAside } from './asides.js';
import { count, describeAge, duration } from '../../kit/numbers/figures.js';
import { listLines } from './list.js';
import { chosenIndex, keysOf } from './rows.js';
import type { PaneView, Scene } from './scene.js';
import { bar, sparkSpans } from './spark.js';
import { span, type Style } from '../../kit/terminal/styled.js';
import { fitTable, type Column } from './table.js';

export const STATE_STYLES: Readonly<Record<WorkerState, Style>> = {
  up: 'good',
  suspect: 'warn',
  draining: 'dim',
  down: 'bad',
};

const LOAD_WIDTH = 6;
const DURATION_WIDTH = 6;
const RATE_WIDTH = 4;
const WIDE_FROM = 110;

export function workersPane(scene: Scene, width: number, height: number): PaneView {
  const { rows, ui, glyphs, snapshot, nowMs } = scene;
  const table = fitTable(columns(scene, width), width, glyphs.ellipsis);
  const lines = listLines(table, {
    rows: rows.workers,
    chosen: chosenIndex(keysOf(rows, 'workers'), ui.chosen.workers),
    height,
    isMarked: ui.pane === 'workers',
    emptyText: ui.filters.workers === '' ? 'no worker has reported yet' : 'no worker matches the filter',
  });
  const aside = staleAside(snapshot.workers, nowMs) ?? filterAside(scene, 'workers');
  return { title: `Workers ${rows.workersUp}`, aside, lines };
}

function columns(scene: Scene, width: number): readonly Column<WorkerView>[] {
  const { glyphs, workerSlots, rows } = scene;
  const most = Math.max(workerSlots, ...rows.workers.map(({ inFlight }) => inFlight));
  const figure = (title: string, width: number, rank: number, say: (worker: WorkerView) => string) =>
    ({ title, width, rank, align: 'right', cell: (worker: WorkerView) => span(say(worker)) }) as const;
  return [
    { title: 'worker', width: idWidth(scene), rank: 0, cell: ({ id }) => span(glyphs.text(id), 'bold') },
    { title: 'state', width: 10, rank: 0, cell: (worker) => stateCell(worker, scene) },
    figure('run', 3, 2, ({ inFlight }) => String(inFlight)),
    {
      title: 'load',
      width: LOAD_WIDTH,
      rank: 4,
      cell: ({ inFlight, state }) =>
        span(bar(inFlight, most, LOAD_WIDTH, glyphs), state === 'down' ? 'dim' : 'accent'),
    },
    { title: 'tasks/s', width: width >= WIDE_FROM ? 30 : 12, rank: 9, cell: servedCell(scene) },
    figure('served', 6, 1, ({ served }) => count(served)),
    {
      ...figure('failed', 6, 3, ({ failed }) => count(failed)),
      cell: ({ failed }) => span(count(failed), failed > 0 ? 'warn' : 'dim'),
    },
    figure('p50', DURATION_WIDTH, 3, ({ p50Ms }) => duration(p50Ms === 0 ? undefined : p50Ms, glyphs.none)),
    figure('p95', DURATION_WIDTH, 3, ({ p95Ms }) => duration(p95Ms === 0 ? undefined : p95Ms, glyphs.none)),
    {
      title: 'beat',
      width: 6,
      align: 'right',
      rank: 1,
      cell: ({ heartbeatAgeMs, state }) =>
        span(describeAge(heartbeatAgeMs), state === 'up' ? 'dim' : STATE_STYLES[state]),
    },
    {
      title: 'faults on',
      width: 9,
      rank: 3,
      grows: true,
      cell: ({ faults }) =>
        faults === 'none' ? span('none', 'dim') : span(`${glyphs.fault} ${glyphs.text(faults)}`, 'fault'),
    },
  ];
}

function idWidth({ rows }: Scene): number {
  return Math.min(16, Math.max(8, ...rows.workers.map(({ id }) => id.length)));
}

function stateCell({ state, reason }: WorkerView, { glyphs }: Scene) {
  const word = reason === undefined ? state : reason;
  return span(`${glyphs.states[state]} ${word}`, STATE_STYLES[state]);
}

const servedCell =
  ({ snapshot, glyphs }: Scene) =>
  ({ id }: WorkerView, width: number) => {
    const series = (snapshot.served.get(id) ?? []).map(({ tasks }) => tasks);
    const now = series.slice(-5);
    const rate = now.length === 0 ? 0 : now.reduce((sum, tasks) => sum + tasks, 0) / now.length;
    return [
      span(count(rate).padStart(RATE_WIDTH)),
      span(' '),
      ...sparkSpans(series, width - RATE_WIDTH - 1, 'accent', glyphs),
    ];
  };
