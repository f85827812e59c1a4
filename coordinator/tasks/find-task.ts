/** Finds a task by its id. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { BoomerangError, StackUnavailableError, UnreadableItemError } from '../../contracts/errors/errors.js';
import { parseTaskId, type BatchId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Ledger } from '../ledger/ledger.js';

/** A task: the batch in which it stands, and its index there. */
export interface FoundTask {
  readonly batch: BatchDocument;
  readonly taskIndex: number;
}

export interface FindPorts {
  readonly batches: BatchStore;
  readonly ledger: Pick<Ledger, 'update'>;
  /** Whether a missing batch may still be restored after its table was emptied. */
  readonly stackResets: { mayBeRestored(id: BatchId): Promise<boolean> };
}

/** @throws BoomerangError `not_found`; StackUnavailableError, also while the batch may still be restored */
export async function findTask(ports: FindPorts, id: string): Promise<FoundTask> {
  const parsedId = parseTaskId(id);
  const batch = parsedId && (await ports.batches.read(parsedId.batchId).catch(leaveOut));
  if (parsedId && batch === undefined) await refuseWhileRestorable(ports, parsedId.batchId);
  if (parsedId === undefined || batch?.tasks[parsedId.taskIndex] === undefined) {
    throw new BoomerangError('not_found', 'no such task');
  }
  ports.ledger.update(batch); // so that it can be restored, should the table be emptied after this answer
  return { batch, taskIndex: parsedId.taskIndex };
}

/** A batch that cannot be decoded counts as not found; lists leave it out as well. */
function leaveOut(error: unknown): never {
  throw error instanceof UnreadableItemError ? new BoomerangError('not_found', 'no such task') : error;
}

/** A client that got "not found" does not ask again, so it must be certain. @throws StackUnavailableError */
export async function refuseWhileRestorable(
  { stackResets }: Pick<FindPorts, 'stackResets'>,
  id: BatchId,
): Promise<void> {
  if (await stackResets.mayBeRestored(id)) {
    throw new StackUnavailableError('GetItem of a batch', new Error('its table was emptied'));
  }
}
