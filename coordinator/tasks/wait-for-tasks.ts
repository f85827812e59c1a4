import type { BatchDocument } from '../../contracts/batch/batch.js';
import { isOpen } from '../../contracts/batch/batch-state.js';
import { parseTaskId, type BatchId, type TaskId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Ledger } from '../ledger/ledger.js';

/** Where batches are small, a request may have more of them than can be read at once. */
const AT_ONCE = 100;

export interface WaitPorts {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly batches: BatchStore;
}

/** The batches of some tasks, by id, as they are known when all tasks are terminal or the time is up. */
export type KnownBatches = ReadonlyMap<BatchId, BatchDocument>;

/** Waits until every task is terminal, at most `timeoutMs`, or until `signal` fires. Batches that this coordinator does
 * not hold (a repeat after a restart) are read once and then followed by the watcher.
 * @throws StackUnavailableError where such a batch cannot be read.
 */
export async function waitForTasks(
  ports: WaitPorts,
  taskIds: readonly TaskId[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<KnownBatches> {
  const taskIndexesOf = groupByBatch(taskIds);
  const known = await currentBatches(ports, [...taskIndexesOf.keys()]);
  // Tasks may have become terminal while the other batches were read.
  for (const [id, batch] of known) known.set(id, ports.ledger.get(id) ?? batch);
  const open = new Set(
    [...taskIndexesOf.keys()].filter((id) => isWaiting(known.get(id), taskIndexesOf.get(id))),
  );
  if (open.size === 0 || timeoutMs <= 0 || signal.aborted) return known;

  await new Promise<void>((resolve) => {
    const endings: (() => void)[] = [];
    const end = () => {
      for (const ending of endings) ending();
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
    endings.push(ports.clock.timer(timeoutMs, end), () => signal.removeEventListener('abort', end));
    for (const id of open) {
      const batch = known.get(id);
      if (batch !== undefined) ports.ledger.adopt(batch);
      endings.push(
        ports.ledger.listen(id, (batch) => {
          known.set(id, batch);
          if (isWaiting(batch, taskIndexesOf.get(id))) return;
          open.delete(id);
          if (open.size === 0) end();
        }),
      );
    }
  });
  return known;
}

/** From the ledger, else from the store. */
async function currentBatches(
  ports: WaitPorts,
  ids: readonly BatchId[],
): Promise<Map<BatchId, BatchDocument>> {
  const known = new Map<BatchId, BatchDocument>();
  const unknown: BatchId[] = [];
  for (const id of ids) {
    const held = ports.ledger.get(id);
    if (held === undefined) unknown.push(id);
    else known.set(id, held);
  }
  for (let from = 0; from < unknown.length; from += AT_ONCE) {
    const read = await ports.batches.readMany(unknown.slice(from, from + AT_ONCE));
    for (const batch of read) known.set(batch.id, batch);
  }
  return known;
}

function groupByBatch(taskIds: readonly TaskId[]): ReadonlyMap<BatchId, readonly number[]> {
  const groups = new Map<BatchId, number[]>();
  for (const taskId of taskIds) {
    const parsed = parseTaskId(taskId);
    if (parsed === undefined) throw new RangeError(`not a task id: ${taskId}`);
    const taskIndexes = groups.get(parsed.batchId);
    if (taskIndexes === undefined) groups.set(parsed.batchId, [parsed.taskIndex]);
    else taskIndexes.push(parsed.taskIndex);
  }
  return groups;
}

function isWaiting(batch: BatchDocument | undefined, taskIndexes: readonly number[] | undefined): boolean {
  return batch !== undefined && (taskIndexes ?? []).some((taskIndex) => isOpen(batch.tasks[taskIndex]));
}
