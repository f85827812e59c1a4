/** The tasks that DynamoDB holds at the end, once the coordinator has written back what it holds. */
import type { TaskId } from '../../../contracts/batch/ids.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import { messageOf } from '../../../contracts/common/text.js';
import { fetchTask } from '../../kit/load/infer.js';
import { findTasks, retryUntilAnswered, readTasks } from './read-store.js';
import type { Evidence } from '../evidence/evidence.js';
import type { RunPorts } from './run-input.js';
import type { ExperimentRun } from './experiment-run.js';

const ANSWERS_WITHIN_MS = 20_000;
/** For all that a coordinator holds, on a slow stack. */
const RESTORED_WITHIN_MS = 90_000;
const LOOKUPS_AT_ONCE = 16;

export interface StoreSnapshot {
  readonly stored: Evidence['stored'];
  /** All tasks of this run, reported to a client or not. */
  readonly all: readonly TaskView[];
  readonly problem?: string;
}

/** It could be read before the run: where it cannot after it, that is what the run did to it, and nothing is kept. */
export async function readStoreSnapshot(
  { ports, input, startedAtMs }: ExperimentRun,
  taskIds: readonly TaskId[],
  signal: AbortSignal,
): Promise<StoreSnapshot> {
  const read = async (): Promise<StoreSnapshot> => {
    const [stored, all] = await Promise.all([
      readTasks(ports.store, taskIds),
      findTasks(ports.store, `${input.runId}-`, startedAtMs, Date.now()),
    ]);
    return { stored, all };
  };
  try {
    await retryUntilAnswered(() => requireRestored(ports, taskIds, signal), RESTORED_WITHIN_MS, signal);
    return await retryUntilAnswered(read, ANSWERS_WITHIN_MS, signal);
  } catch (error) {
    return { stored: new Map(), all: [], problem: `DynamoDB cannot be read: ${messageOf(error)}` };
  }
}

/**
 * After an emptying a coordinator writes back what it holds, one after the other. Only what it calls not found stays
 * missing; what it does not tell of is still to come, and what it tells of has come since it was missed.
 */
async function requireRestored(
  { store, http }: Pick<RunPorts, 'store' | 'http'>,
  taskIds: readonly TaskId[],
  signal: AbortSignal,
): Promise<void> {
  const stored = await retryUntilAnswered(() => readTasks(store, taskIds), ANSWERS_WITHIN_MS, signal);
  const missing = taskIds.filter((taskId) => !stored.has(taskId));
  for (let from = 0; from < missing.length; from += LOOKUPS_AT_ONCE) {
    const requested = missing.slice(from, from + LOOKUPS_AT_ONCE);
    const seen = await Promise.all(requested.map((taskId) => fetchTask(http, taskId)));
    const coming = requested.find((_, index) => seen[index]?.status !== 'missing');
    if (coming !== undefined) throw new Error(`${coming} was not there yet`);
  }
}
