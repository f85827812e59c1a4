/** Conditional writes of a batch: read, change, write where nobody wrote meanwhile, else once more. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { holdsWrite, isOpen, isTerminal, openTaskIndexes } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import { invariant } from '../../contracts/common/invariant.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Random } from '../../contracts/system/random.js';
import { withNewRevision, type WriteContext } from '../batch/batch-life.js';
import type { Ledger } from './ledger.js';
import { newWriteId } from './write-id.js';

export interface RewritePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly batches: BatchStore;
  readonly ledger: Ledger;
  /** Called with the tasks that a write made terminal. */
  readonly onTerminal: (batch: BatchDocument, taskIndexes: readonly number[]) => void;
}

export interface BatchTimeouts {
  readonly visibilityTimeoutMs: number;
  readonly retentionMs: number;
}

interface RewriteTarget {
  /** The batch as the store is believed to hold it; a wrong belief costs one more read. */
  readonly known: BatchDocument;
  /**
   * Given where the batch may not have been stored yet. If the store has no such batch, it is created before anything is
   * written: as the ledger knows it, else as it is given here.
   */
  readonly original?: BatchDocument;
}

/** Both `change` functions are called again after every conflict. A `next` of `undefined` means: nothing to write. */
export interface Rewrite extends RewriteTarget {
  readonly change: (batch: BatchDocument, write: WriteContext) => BatchDocument | undefined;
}

export interface RewriteWithResult<Result> extends RewriteTarget {
  readonly change: (batch: BatchDocument, write: WriteContext) => Change<Result>;
}

export interface Change<Result> {
  readonly next: BatchDocument | undefined;
  readonly result: Result;
}

export interface Rewritten<Result> {
  /** As last read or written; `undefined` if the store has no such batch. */
  readonly batch: BatchDocument | undefined;
  /** The result of the latest change: the one that was written, if any was. */
  readonly result: Result;
}

/**
 * Writes a change on the condition that nobody wrote since the batch was read. After a conflict it reads again and
 * computes the change from what it read. A write whose reply was lost is recognized by its id.
 * @returns the batch as last read or written; `undefined` if the store has no such batch
 * @throws StackUnavailableError if the store does not answer: the write may have succeeded
 */
export async function rewriteBatch(
  ports: RewritePorts,
  timeouts: BatchTimeouts,
  rewrite: Rewrite,
  writeId?: string,
): Promise<BatchDocument | undefined> {
  const change = (batch: BatchDocument, write: WriteContext) => ({
    next: rewrite.change(batch, write),
    result: undefined,
  });
  return (await rewriteBatchWithResult(ports, timeouts, { ...rewrite, change }, writeId)).batch;
}

/** Does the same for a change that has a result beside the document. */
export async function rewriteBatchWithResult<Result>(
  ports: RewritePorts,
  timeouts: BatchTimeouts,
  rewrite: RewriteWithResult<Result>,
  writeId = newWriteId(ports.random),
): Promise<Rewritten<Result>> {
  let before = rewrite.known;
  for (;;) {
    const { next, result } = rewrite.change(before, { nowMs: ports.clock.now(), writeId, ...timeouts });
    if (next === undefined) {
      ports.ledger.update(before);
      return { batch: before, result };
    }
    invariant(next.rev > before.rev, () => `a write of batch ${before.id} has the revision that was read`);
    const isWritten = (await ports.batches.replace(before, next)) === 'written';
    const batch = isWritten ? next : await readOrCreate(ports, before.id, rewrite.original);
    if (batch === undefined) return { batch, result };
    if (isWritten || holdsWrite(batch, writeId)) {
      const terminal = newlyTerminal(before, next);
      if (terminal.length > 0 || isTerminal(batch)) ports.ledger.cacheFinished(batch);
      ports.onTerminal(batch, terminal);
      ports.ledger.update(batch);
      return { batch, result };
    }
    ports.ledger.update(batch);
    before = batch;
  }
}

function newlyTerminal(before: BatchDocument, after: BatchDocument): number[] {
  return openTaskIndexes(before).filter((taskIndex) => !isOpen(after.tasks[taskIndex]));
}

async function readOrCreate(
  { batches, ledger, random }: RewritePorts,
  id: BatchId,
  original: BatchDocument | undefined,
): Promise<BatchDocument | undefined> {
  const found = await batches.read(id);
  const known = found ?? ledger.lookup(id) ?? original;
  if (found !== undefined || known === undefined) return found;
  const created = withNewRevision(known, random.next());
  const result = await batches.create(created);
  return result === 'created' ? created : result;
}
