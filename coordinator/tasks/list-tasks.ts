/**
 * `GET /tasks` and `GET /dead-letters`: walks an index of batches, reads those batches, and gives their tasks. Nothing
 * scans: `open` and `failed` have an index of their own (what is dead-lettered is among the failed), every other filter
 * walks the batches by time, a bounded way at a time, so a page may be short while there is a cursor.
 */
import { z } from 'zod';
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { taskIdOf, type TaskId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import {
  isTerminalStatus,
  taskView,
  type TaskStatus,
  type TaskView,
} from '../../contracts/http/task-view.js';
import type { EmptyHours } from './empty-hours.js';
import { attentionPages, timePages, type IndexReading } from './index-pages.js';

export interface ListPorts {
  readonly clock: Clock;
  readonly batches: BatchStore;
  readonly emptyHours?: EmptyHours;
  /** Told of each task that is left out, since it holds what cannot be shown. */
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
/** Of the index, for one page: each is a query of every shard. What is not found by then has a page of its own. */
const MAX_READS = 8;
const MOST_OPEN = 20_000;
/** Finer than any two creation times: makes "before" mean "at or before". */
const AN_INSTANT_MS = 0.001;

/** The last task of the page before. */
const positionSchema = z.object({
  /** Within what dates and DynamoDB can say. */
  atMs: z.number().min(0).max(8.64e15),
  id: z.string(),
  slot: z.int().min(0),
});
type Position = z.infer<typeof positionSchema>;

/** After every task of its time or batch. */
const AFTER_ALL = Number.MAX_SAFE_INTEGER;

/**
 * @param gone nobody waits for the page any more: nothing is read for it then
 * @throws BoomerangError `invalid_request` for a cursor that is none; StackUnavailableError
 */
export async function listTasks(
  ports: ListPorts,
  query: ListQuery,
  retentionMs: number,
  gone?: AbortSignal,
): Promise<TaskPage> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const tasks: TaskView[] = [];
  let position = after;
  let reads = 0;
  for await (const { entries, doneToMs } of entryPages(ports, query.status, after, retentionMs)) {
    const batches = await readBatches(ports, entries);
    for (const { id, atMs } of entries) {
      const batch = batches.get(id);
      for (let slot = 0; slot < (batch?.tasks.length ?? 0); slot += 1) {
        const here = { atMs, id, slot };
        if (batch === undefined || (after !== undefined && !isAfter(here, after))) continue;
        const task = shownOf(ports, batch, slot);
        if (task === undefined || !matches(task, query.status)) continue;
        if (tasks.length === query.limit) return { tasks, cursor: encodeCursor(position) };
        tasks.push(task);
        position = here;
      }
      if (tasks.length < query.limit) position = { atMs, id, slot: AFTER_ALL };
    }
    if (doneToMs !== undefined && tasks.length < query.limit)
      position = { atMs: doneToMs, id: '', slot: AFTER_ALL };
    reads += 1;
    if (reads === MAX_READS || gone?.aborted === true) return { tasks, cursor: encodeCursor(position) };
  }
  return { tasks };
}

async function readBatches({ batches }: ListPorts, entries: IndexReading['entries']) {
  const found = entries.length === 0 ? [] : await batches.readMany(entries.map(({ id }) => id));
  return new Map(found.map((batch) => [batch.id, batch]));
}

/** One that holds, for instance, a time that no date can be must not take the page with it. */
function shownOf(ports: ListPorts, batch: BatchDocument, slot: number): TaskView | undefined {
  try {
    return taskView(batch, slot);
  } catch (error) {
    ports.onUnreadable?.(taskIdOf(batch.id, slot), error);
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
 * The index has the longest untouched first, and entries move with every touch; people want the newest first, and pages
 * that fit together. A batch's id tells its age, so the order is by id alone.
 */
async function* openPages(ports: ListPorts, after: Position | undefined): AsyncGenerator<IndexReading> {
  const { entries } = await ports.batches.listOpen(MOST_OPEN);
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
  return here.id === position.id ? here.slot > position.slot : here.id < position.id;
}

function matches({ status, deadLetteredAt }: TaskView, wanted: ListQuery['status']): boolean {
  if (wanted === 'open') return !isTerminalStatus(status);
  if (wanted === 'dead-lettered') return deadLetteredAt !== undefined;
  return wanted === undefined || status === wanted;
}

function encodeCursor(position: Position | undefined): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  try {
    return positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    const errors = [{ path: 'cursor', message: 'expected a cursor that an earlier answer gave' }];
    throw new BoomerangError('invalid_request', 'cursor: expected a cursor that an earlier answer gave', {
      errors,
    });
  }
}
