/** The rows of each list as they stand, filtered: what the keys move in and what the panes show. */
import type { StatsEvent } from '../../../contracts/stats.js';
import type { TaskView } from '../../../contracts/task-view.js';
import { workerViews, type WorkerView } from '../../../contracts/worker-view.js';
import type { Snapshot } from '../snapshot.js';
import type { ListName, UiState } from '../ui/state.js';
import { describeEvent } from './event-words.js';

export interface EventRow extends StatsEvent {
  readonly key: string;
}

export interface Rows {
  readonly workers: readonly WorkerView[];
  readonly tasks: readonly TaskView[];
  readonly events: readonly EventRow[];
}

const MOST_EVENTS = 500;

export function rowsOf(snapshot: Snapshot, { filters }: Pick<UiState, 'filters'>, nowMs: number): Rows {
  // A state is as of the time when it was read: that we cannot read is no fault of the worker's.
  const readAtMs = Math.min(nowMs, snapshot.workers.readAtMs ?? nowMs);
  return {
    workers: workerViews(snapshot.workers.value, readAtMs).filter(matches(filters.workers, workerWords)),
    tasks: snapshot.tasks.value.filter(matches(filters.tasks, taskWords)),
    events: eventRows(snapshot).filter(matches(filters.events, eventWords)).slice(0, MOST_EVENTS),
  };
}

export function keysOf(rows: Rows, list: ListName): readonly string[] {
  switch (list) {
    case 'workers':
      return rows.workers.map(({ id }) => id);
    case 'tasks':
      return rows.tasks.map(({ taskId }) => taskId);
    case 'events':
      return rows.events.map(({ key }) => key);
  }
}

/** Where the chosen row is; what is there no longer leaves the first one chosen. */
export function chosenIndex(keys: readonly string[], key: string | undefined): number {
  return key === undefined ? 0 : Math.max(0, keys.indexOf(key));
}

/** Newest first. */
function eventRows({ stats, noticed }: Snapshot): readonly EventRow[] {
  const written = stats.value.flatMap((row) =>
    row.events.map((event, index) => ({ ...event, key: `${row.coordinatorId}#${row.second}#${index}` })),
  );
  const seen = noticed.map((event) => ({
    ...event,
    key: `${event.name}#${Object.values(event.fields).join()}#${event.atMs}`,
  }));
  return [...written, ...seen].sort((one, other) => other.atMs - one.atMs);
}

/** Every word of the filter stands somewhere in the row. */
function matches<Row>(filter: string, words: (row: Row) => string): (row: Row) => boolean {
  const wanted = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (wanted.length === 0) return () => true;
  return (row) => {
    const said = words(row).toLowerCase();
    return wanted.every((word) => said.includes(word));
  };
}

const workerWords = ({ id, state, reason, faults, address, model }: WorkerView): string =>
  [id, state, reason, faults, address, model].join(' ');

const taskWords = ({ taskId, requestId, status, label, text, workerId, history, error }: TaskView): string =>
  [
    taskId,
    requestId,
    status,
    label,
    text,
    workerId,
    error?.code,
    ...history.flatMap((delivery) => [delivery.workerId, delivery.fault, delivery.outcome]),
  ].join(' ');

const eventWords = (event: EventRow): string => {
  const { text, fault } = describeEvent(event, '->');
  return [event.name, text, fault, ...Object.values(event.fields)].join(' ');
};
