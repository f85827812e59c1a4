import { beforeEach, describe, expect, it } from 'vitest';
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import { openTaskIndexes } from '../../../contracts/batch/batch-state.js';
import { InvariantViolatedError } from '../../../contracts/common/invariant.js';
import { expireTasks } from '../../../coordinator/batch/batch-life.js';
import { Ledger } from '../../../coordinator/ledger/ledger.js';
import { rewriteBatchWithResult } from '../../../coordinator/ledger/rewrite-batch.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore } from '../../support/memory-stack.js';
import { BATCH_ID, moveAt, newBatch, RETENTION_MS, VISIBILITY_MS } from '../batch/support/batch-moves.js';

const timeouts = { visibilityTimeoutMs: VISIBILITY_MS, retentionMs: RETENTION_MS };
const clock = new ManualClock();
let batches: MemoryBatchStore;
let terminal: number[];

beforeEach(() => {
  batches = new MemoryBatchStore();
  terminal = [];
});

const ports = () => ({
  clock,
  random: new SeededRandom(1),
  batches,
  ledger: new Ledger(clock),
  onTerminal: (_batch: BatchDocument, taskIndexes: readonly number[]) => terminal.push(...taskIndexes),
});

/** Expires a task; the result is how many tasks were open before. */
const expire = (known: BatchDocument, taskIndex: number) =>
  rewriteBatchWithResult(ports(), timeouts, {
    known,
    change: (batch, write) => ({
      next: expireTasks(batch, [taskIndex], write),
      result: openTaskIndexes(batch).length,
    }),
  });

describe('rewriteBatchWithResult', () => {
  it('gives the result of the change that was written, not of one that met a conflict', async () => {
    const known = newBatch(3);
    await batches.create(known);
    await batches.replace(known, expireTasks(known, [0], moveAt(1)) ?? known);
    const { batch, result } = await expire(known, 1);
    expect(result).toBe(2);
    expect(batch?.tasks.map(({ status }) => status)).toEqual(['expired', 'expired', 'open']);
    expect(terminal).toEqual([1]);
  });

  it('gives the result of a change that has nothing to write', async () => {
    const known = expireTasks(newBatch(2), [1], moveAt(1)) ?? newBatch(2);
    await batches.create(known);
    expect(await expire(known, 1)).toEqual({ batch: known, result: 1 });
    expect(terminal).toEqual([]);
  });

  it('gives no batch where the store has none', async () => {
    expect(await expire(newBatch(2), 1)).toEqual({ batch: undefined, result: 2 });
    expect(batches.items.has(BATCH_ID)).toBe(false);
  });

  it('refuses a document of the revision that was read', async () => {
    const known = newBatch();
    const change = (batch: BatchDocument) => ({ next: batch, result: undefined });
    await expect(rewriteBatchWithResult(ports(), timeouts, { known, change })).rejects.toBeInstanceOf(
      InvariantViolatedError,
    );
  });
});
