/**
 * `GET /tasks` and `GET /dead-letters`: walks an index of batches, reads those batches, and gives their tasks. Nothing
 * scans: `open` and `failed` have an index of their own (what is dead-lettered is among the failed), every other filter
 * walks the batches by time, a bounded way at a time, so a page may be short while there is a cursor.
 */
import { z } from 'zod';
import { BoomerangError } from '../../contracts/errors.js';
import type { BatchStore, Clock, IndexEntry } from '../../contracts/ports.js';
import { isFinalStatus, taskView, type TaskStatus, type TaskView } from '../../contracts/task-view.js';
import { attentionPages, timePages } from './index-pages.js';

export interface ListPorts {
  readonly clock: Clock;
  readonly batches: BatchStore;
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
const MOST_READS = 10;
const MOST_OPEN = 20_000;
/** Finer than any two creation times: makes "before" mean "at or before". */
const AN_INSTANT_MS = 0.001;

/** The last task of the page before. */
const positionSchema = z.object({
  /** Within what dates and DynamoDB can say. */
  atMs: z.number().min(0).max(8.64e15),
  id: z.string(),
  slot: z.int(),
});
type Position = z.infer<typeof positionSchema>;

/** @throws BoomerangError `invalid_request` for a cursor that is none; StackUnavailableError */
export async function listTasks(ports: ListPorts, query: ListQuery, retentionMs: number): Promise<TaskPage> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const tasks: TaskView[] = [];
  let position = after;
  let reads = 0;
  for await (const page of entryPages(ports, query.status, after, retentionMs)) {
    const batches = new Map(
      (await ports.batches.readMany(page.map(({ id }) => id))).map((batch) => [batch.id, batch]),
    );
    for (const { id, atMs } of page) {
      const batch = batches.get(id);
      for (let slot = 0; slot < (batch?.slots.length ?? 0); slot += 1) {
        const here = { atMs, id, slot };
        if (batch === undefined || (after !== undefined && !isAfter(here, after))) continue;
        const task = taskView(batch, slot);
        if (!matches(task, query.status)) continue;
        if (tasks.length === query.limit) return { tasks, cursor: encodeCursor(position) };
        tasks.push(task);
        position = here;
      }
      if (tasks.length < query.limit) position = { atMs, id, slot: Number.MAX_SAFE_INTEGER };
    }
    reads += 1;
    if (reads === MOST_READS) return { tasks, cursor: encodeCursor(position) };
  }
  return { tasks };
}

function entryPages(
  ports: ListPorts,
  status: ListQuery['status'],
  after: Position | undefined,
  retentionMs: number,
): AsyncIterable<readonly IndexEntry[]> {
  const beforeMs = (after?.atMs ?? ports.clock.now() + HOUR_MS) + AN_INSTANT_MS;
  if (status === 'open') return openPages(ports, after);
  if (status === 'failed' || status === 'dead-lettered') {
    return attentionPages(ports.batches, beforeMs, BATCHES_A_READ);
  }
  const untilMs = ports.clock.now() - retentionMs - 24 * HOUR_MS;
  return timePages(ports.batches, beforeMs, untilMs, BATCHES_A_READ);
}

/**
 * The index has the longest untouched first, and entries move with every touch; people want the newest first, and pages
 * that fit together. A batch's id tells its age, so the order is by id alone.
 */
async function* openPages(
  ports: ListPorts,
  after: Position | undefined,
): AsyncGenerator<readonly IndexEntry[]> {
  const { entries } = await ports.batches.listOpen(MOST_OPEN);
  const newestFirst = entries
    .map(({ id }) => ({ id, atMs: 0 }))
    .filter(({ id }) => after === undefined || id <= after.id)
    .sort((a, b) => (a.id < b.id ? 1 : -1));
  for (let start = 0; start < newestFirst.length; start += BATCHES_A_READ) {
    yield newestFirst.slice(start, start + BATCHES_A_READ);
  }
}

function isAfter(here: Position, position: Position): boolean {
  if (here.atMs !== position.atMs) return here.atMs < position.atMs;
  return here.id === position.id ? here.slot > position.slot : here.id < position.id;
}

function matches({ status, deadLetteredAt }: TaskView, wanted: ListQuery['status']): boolean {
  if (wanted === 'open') return !isFinalStatus(status);
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
    const errors = [{ path: 'cursor', message: 'expected a cursor that an earlier page gave' }];
    throw new BoomerangError('invalid_request', 'cursor: expected a cursor that an earlier page gave', {
      errors,
    });
  }
}
