/** A task by its id, and what is said where there is none. */
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
  /** Whether a batch that is not there may still be put back after its table was emptied. */
  readonly stackResets: { mayBeRestored(id: BatchId): Promise<boolean> };
}

/** @throws BoomerangError `not_found`; StackUnavailableError also while an emptied table has not got it back */
export async function findTask(ports: FindPorts, id: string): Promise<FoundTask> {
  const parsedId = parseTaskId(id);
  const batch = parsedId && (await ports.batches.read(parsedId.batchId).catch(leaveOut));
  if (parsedId && batch === undefined) await refuseWhileRestorable(ports, parsedId.batchId);
  if (parsedId === undefined || batch?.tasks[parsedId.taskIndex] === undefined) {
    throw new BoomerangError('not_found', 'no such task');
  }
  ports.ledger.update(batch); // what somebody is told here must not change, should the table be emptied now
  return { batch, taskIndex: parsedId.taskIndex };
}

/** What cannot be shown is nobody's task: lists leave it out as well. */
function leaveOut(error: unknown): never {
  throw error instanceof UnreadableItemError ? new BoomerangError('not_found', 'no such task') : error;
}

/** "There is no such thing" is for good: who is told so looks no more. @throws StackUnavailableError */
export async function refuseWhileRestorable(
  { stackResets }: Pick<FindPorts, 'stackResets'>,
  id: BatchId,
): Promise<void> {
  if (await stackResets.mayBeRestored(id)) {
    throw new StackUnavailableError('GetItem of a batch', new Error('its table was emptied'));
  }
}
