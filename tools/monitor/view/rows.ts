/** The rows of each list as they stand, filtered: what the keys move in and what the panes show. */
import { taskIdOf, type TaskId } from '../../../contracts/batch/ids.js';
import { TASK_STATUSES } from '../../../contracts/batch/task-status.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import { workerViews, type WorkerView } from '../../../contracts/worker/worker-view.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { ListName, UiState } from '../ui/state.js';
import { eventRows, type EventRow } from './event-rows.js';
import { describeRow } from './describe-events.js';

export interface Rows {
  /** The count of all workers, whatever the filter. */
  readonly workersUp: string;
  readonly workers: readonly WorkerView[];
  readonly tasks: readonly TaskView[];
  readonly events: readonly EventRow[];
}

export function rowsOf(snapshot: Snapshot, { filters }: Pick<UiState, 'filters'>): Rows {
  // A state is as of the time when it was read: that we cannot read is no fault of the worker's.
  const workers = workerViews(snapshot.workers.value);
  return {
    workersUp: `${workers.filter(({ state }) => state === 'up').length}/${workers.length} up`,
    workers: workers.filter(matches(filters.workers, workerWords)),
    tasks: snapshot.tasks.value.filter(matches(filters.tasks, taskWords)),
    events: eventRows(snapshot).filter(matches(filters.events, eventWords)),
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

/** The first one of the batch that the latest event of a row is about. */
export function taskOfEvent({ events }: Rows, key: string): TaskId | undefined {
  const row = events.find((one) => one.key === key);
  const batchId = row?.events[0].fields['batchId'];
  return batchId === undefined ? undefined : taskIdOf(String(batchId), 0);
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

/** A task that failed once and was answered then is no failed task: only outcomes that are no status are looked for. */
const taskWords = ({ taskId, requestId, status, label, text, workerId, history, error }: TaskView): string =>
  [
    taskId,
    requestId,
    status,
    label,
    text,
    workerId,
    error?.code,
    ...(history.length > 1 ? ['retried'] : []),
    ...history.flatMap(({ workerId: of, fault, outcome }) => [of, fault, isStatus(outcome) ? '' : outcome]),
  ].join(' ');

const isStatus = (word: string | undefined): boolean => TASK_STATUSES.some((status) => status === word);

const eventWords = (row: EventRow): string => {
  const { text, fault } = describeRow(row, '->');
  return [text, fault, ...row.events.flatMap(({ name, fields }) => [name, ...Object.values(fields)])].join(
    ' ',
  );
};
