/** The system's own books: what DynamoDB holds of the tasks of one run. */
import { parseTaskId, type BatchId, type TaskId } from '../../../contracts/batch/ids.js';
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import type { BatchStore } from '../../../contracts/stack/batch-store.js';
import { taskView } from '../../../contracts/http/task-view.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import { sleep } from '../../../client/sleep.js';

export type ReadableStore = Pick<BatchStore, 'readMany' | 'listByTime'>;

const AT_ONCE = 100;
const HOUR_MS = 3_600_000;

/** Each of these tasks that the store holds. */
export async function readTasks(
  store: ReadableStore,
  taskIds: readonly TaskId[],
): Promise<ReadonlyMap<TaskId, TaskView>> {
  const batchIds = [...new Set(taskIds.flatMap((id) => parseTaskId(id)?.batchId ?? []))];
  const batches = new Map<BatchId, BatchDocument>();
  for (let start = 0; start < batchIds.length; start += AT_ONCE) {
    for (const batch of await store.readMany(batchIds.slice(start, start + AT_ONCE)))
      batches.set(batch.id, batch);
  }
  const views = new Map<TaskId, TaskView>();
  for (const taskId of taskIds) {
    const id = parseTaskId(taskId);
    const batch = id && batches.get(id.batchId);
    if (id !== undefined && batch?.tasks[id.taskIndex] !== undefined)
      views.set(taskId, taskView(batch, id.taskIndex));
  }
  return views;
}

/** All tasks that the store holds of requests whose id begins so, created since then. */
export async function findTasks(
  store: ReadableStore,
  requestIdPrefix: string,
  sinceMs: number,
  untilMs: number,
): Promise<readonly TaskView[]> {
  const found: TaskView[] = [];
  for (let hour = Math.floor(sinceMs / HOUR_MS); hour <= Math.floor(untilMs / HOUR_MS); hour += 1) {
    let beforeMs = (hour + 1) * HOUR_MS;
    for (let more = true; more;) {
      const page = await store.listByTime(hour, beforeMs, AT_ONCE);
      const entries = page.entries.filter(({ atMs }) => atMs >= sinceMs);
      for (const batch of await store.readMany(entries.map(({ id }) => id))) {
        batch.inputs.forEach(({ requestId }, slot) => {
          if (requestId.startsWith(requestIdPrefix)) found.push(taskView(batch, slot));
        });
      }
      beforeMs = page.entries.at(-1)?.atMs ?? sinceMs;
      more = page.more && beforeMs > sinceMs;
    }
  }
  return found;
}

const RETRY_MS = 500;

/** Tries until the store answers: it may just be coming back. @throws what it last said, after `withinMs` */
export async function retryUntilAnswered<T>(
  read: () => Promise<T>,
  withinMs: number,
  signal: AbortSignal,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted || performance.now() > deadlineMs) throw error;
      await sleep(RETRY_MS, signal);
    }
  }
}
