import { newWriteId } from './write-id.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { withNewRevision, type WriteContext } from '../batch/batch-life.js';
import { holdsWrite, isTerminal, isOpen, openTaskIndexes } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Random } from '../../contracts/system/random.js';
import type { Ledger } from './ledger.js';

export interface RewritePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly batches: BatchStore;
  readonly ledger: Ledger;
  /** Told of the tasks that a write made final. */
  readonly onTerminal: (batch: BatchDocument, slots: readonly number[]) => void;
}

export interface BatchTimeouts {
  readonly visibilityTimeoutMs: number;
  readonly retentionMs: number;
}

export interface Rewrite {
  /** What is believed to stand in the store; a wrong belief costs one more read. */
  readonly known: BatchDocument;
  /** The next document, or `undefined` where there is nothing (left) to write. Called anew after every conflict. */
  readonly change: (batch: BatchDocument, move: WriteContext) => BatchDocument | undefined;
  /**
   * Given where the batch may not have been stored yet. Where the store has none, it is created as it is held here, else
   * as it is given here, before anything is written.
   */
  readonly original?: BatchDocument;
}

/**
 * Writes a change under the condition that nobody wrote since the batch was read; whoever loses reads, changes what
 * is there now, and tries again. A write whose reply was lost is known again by its id.
 * @returns the batch as last read or written; `undefined` where it does not exist.
 * @throws StackUnavailableError where the store does not answer: the write may have landed.
 */
export async function rewriteBatch(
  ports: RewritePorts,
  timeouts: BatchTimeouts,
  rewrite: Rewrite,
  writeId = newWriteId(ports.random),
): Promise<BatchDocument | undefined> {
  let read: BatchDocument | undefined = rewrite.known;
  for (;;) {
    const before: BatchDocument = read;
    const next = rewrite.change(before, { nowMs: ports.clock.now(), writeId, ...timeouts });
    if (next === undefined) break;
    const written = (await ports.batches.replace(before, next)) === 'written';
    read = written ? next : await readOrCreate(ports, before.id, rewrite.original);
    if (read === undefined) return undefined;
    if (written || holdsWrite(read, writeId)) {
      const final = newlyTerminal(before, next);
      if (final.length > 0 || isTerminal(read)) ports.ledger.cacheFinished(read);
      ports.onTerminal(read, final);
      break;
    }
    ports.ledger.update(read);
  }
  ports.ledger.update(read);
  return read;
}

function newlyTerminal(before: BatchDocument, after: BatchDocument): number[] {
  return openTaskIndexes(before).filter((slot) => !isOpen(after.tasks[slot]));
}

async function readOrCreate(
  { batches, ledger, random }: RewritePorts,
  id: BatchId,
  original: BatchDocument | undefined,
): Promise<BatchDocument | undefined> {
  const found = await batches.read(id);
  const known = found ?? ledger.lookup(id) ?? original;
  if (found !== undefined || known === undefined) return found;
  const again = withNewRevision(known, random.next());
  const result = await batches.create(again);
  return result === 'created' ? again : result;
}
