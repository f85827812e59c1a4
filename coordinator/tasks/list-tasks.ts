/**
 * `GET /tasks` and `GET /dead-letters`: walks an index of batches, reads those batches, and returns their tasks. It never
 * scans a table: open and failed tasks have indexes of their own (dead-lettered tasks are among the failed), every other
 * filter walks the batches by creation time. A page reads a bounded number of index pages, so it may be short.
 */
import { z } from 'zod';
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { taskIdOf, type TaskId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import { taskView } from '../../contracts/http/task-view.js';
import { isTerminalStatus, type TaskStatus } from '../../contracts/batch/task-status.js';
import type { TaskView } from '../../contracts/http/answers.js';
import type { EmptyHours } from './empty-hours.js';
import { attentionPages, timePages, type IndexReading } from './index-pages.js';

export interface ListPorts {
  readonly clock: Clock;
  readonly batches: BatchStore;
  readonly emptyHours?: EmptyHours;
  /** Called for each task that is left out because it holds something that cannot be shown. */
  readonly onUnreadable?: (taskId: TaskId, error: unknown) => void;
}

export interface ListQuery {
  readonly status?: TaskStatus | 'open' | 'dead-lettered' | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface TaskPage {
  readonly tasks: readonly TaskView[];
  readonly cursor?: string;
}

const HOUR_MS = 3_600_000;
const BATCHES_A_READ = 20;
/** Index pages that one page of tasks reads; each is a query of every shard. The next page goes on from there. */
const MAX_READS = 8;
const MAX_OPEN_BATCHES = 20_000;
/** Smaller than the distance of any two creation times: turns "before" into "at or before". */
const AN_INSTANT_MS = 0.001;

/** The last task of the page before. */
interface Position {
  readonly atMs: number;
  readonly id: string;
  readonly taskIndex: number;
}

/** A cursor's content. It calls the task's index `slot`, as the cursors that clients already hold do. */
const cursorSchema = z.object({
  /** Within the range of dates and of DynamoDB's numbers. */
  atMs: z.number().min(0).max(8.64e15),
  id: z.string(),
  slot: z.int().min(0),
});

/** An index after every task of its time or batch. */
const AFTER_ALL = Number.MAX_SAFE_INTEGER;

/** @param clientGone ends the reading once nobody waits for the page
 * @throws BoomerangError `invalid_request` for a malformed cursor; StackUnavailableError
 */
export async function listTasks(
  ports: ListPorts,
  query: ListQuery,
  retentionMs: number,
  clientGone?: AbortSignal,
): Promise<TaskPage> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const tasks: TaskView[] = [];
  let position = after;
  let reads = 0;
  for await (const { entries, doneToMs } of entryPages(ports, query.status, after, retentionMs)) {
    const batches = await readBatches(ports, entries);
    for (const { id, atMs } of entries) {
      const batch = batches.get(id);
      for (let taskIndex = 0; taskIndex < (batch?.tasks.length ?? 0); taskIndex += 1) {
        const here = { atMs, id, taskIndex };
        if (batch === undefined || (after !== undefined && !isAfter(here, after))) continue;
        const task = viewOf(ports, batch, taskIndex);
        if (task === undefined || !matches(task, query.status)) continue;
        if (tasks.length === query.limit) return pageUpTo(position, tasks);
        tasks.push(task);
        position = here;
      }
      if (tasks.length < query.limit) position = { atMs, id, taskIndex: AFTER_ALL };
    }
    if (doneToMs !== undefined && tasks.length < query.limit)
      position = { atMs: doneToMs, id: '', taskIndex: AFTER_ALL };
    reads += 1;
    if (reads === MAX_READS || clientGone?.aborted === true) return pageUpTo(position, tasks);
  }
  return { tasks };
}

async function readBatches({ batches }: ListPorts, entries: IndexReading['entries']) {
  const found = entries.length === 0 ? [] : await batches.readMany(entries.map(({ id }) => id));
  return new Map(found.map((batch) => [batch.id, batch]));
}

/** A task that cannot be shown, such as one with an impossible date, must not fail the whole page. */
function viewOf(ports: ListPorts, batch: BatchDocument, taskIndex: number): TaskView | undefined {
  try {
    return taskView(batch, taskIndex);
  } catch (error) {
    ports.onUnreadable?.(taskIdOf(batch.id, taskIndex), error);
    return undefined;
  }
}

function entryPages(
  ports: ListPorts,
  status: ListQuery['status'],
  after: Position | undefined,
  retentionMs: number,
): AsyncIterable<IndexReading> {
  const nowMs = ports.clock.now();
  const beforeMs = Math.min(after?.atMs ?? Infinity, nowMs + HOUR_MS) + AN_INSTANT_MS;
  if (status === 'open') return openPages(ports, after);
  if (status === 'failed' || status === 'dead-lettered') {
    return attentionPages(ports.batches, beforeMs, BATCHES_A_READ);
  }
  const untilMs = nowMs - retentionMs - 24 * HOUR_MS;
  return timePages(ports.batches, beforeMs, untilMs, BATCHES_A_READ, ports.emptyHours);
}

/**
 * The index lists the batch that was untouched for longest first, and an entry moves with every touch. Readers expect the
 * newest first and pages that fit together, so the batches are sorted by id, which begins with the time of creation.
 */
async function* openPages(ports: ListPorts, after: Position | undefined): AsyncGenerator<IndexReading> {
  const { entries } = await ports.batches.listOpen(MAX_OPEN_BATCHES);
  const newestFirst = entries
    .map(({ id }) => ({ id, atMs: 0 }))
    .filter(({ id }) => after === undefined || id <= after.id)
    .sort((a, b) => (a.id < b.id ? 1 : -1));
  for (let start = 0; start < newestFirst.length; start += BATCHES_A_READ) {
    yield { entries: newestFirst.slice(start, start + BATCHES_A_READ) };
  }
}

function isAfter(here: Position, position: Position): boolean {
  if (here.atMs !== position.atMs) return here.atMs < position.atMs;
  return here.id === position.id ? here.taskIndex > position.taskIndex : here.id < position.id;
}

function matches({ status, deadLetteredAt }: TaskView, wanted: ListQuery['status']): boolean {
  if (wanted === 'open') return !isTerminalStatus(status);
  if (wanted === 'dead-lettered') return deadLetteredAt !== undefined;
  return wanted === undefined || status === wanted;
}

function pageUpTo(position: Position | undefined, tasks: readonly TaskView[]): TaskPage {
  return position === undefined ? { tasks } : { tasks, cursor: encodeCursor(position) };
}

function encodeCursor(position: Position): string {
  const { atMs, id, taskIndex: slot } = position;
  return Buffer.from(JSON.stringify({ atMs, id, slot })).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const { slot: taskIndex, ...position } = cursorSchema.parse(content);
    return { ...position, taskIndex };
  } catch {
    const errors = [{ path: 'cursor', message: 'expected a cursor that an earlier answer gave' }];
    throw new BoomerangError('invalid_request', 'cursor: expected a cursor that an earlier answer gave', {
      errors,
    });
  }
}
