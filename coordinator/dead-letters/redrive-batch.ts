/**
 * Redrives dead-lettered tasks of one batch as new tasks. Each passes the ordinary intake under a key made of its id;
 * then the old batch is linked to the new tasks. A redrive that was interrupted is idempotent: a repeat finds the keys.
 * The old tasks stay failed.
 */
import { REDRIVE_KEY_PREFIX } from '../../contracts/http/api.js';
import { linkRedriven } from '../batch/batch-life.js';
import { isDeadLettered } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { taskIdOf, type BatchId, type TaskId } from '../../contracts/batch/ids.js';
import { requestHash } from '../intake/idempotency.js';
import { acceptInputs, type InferOptions, type InferPorts } from '../intake/infer.js';
import { rewriteBatchWithResult } from '../ledger/rewrite-batch.js';

export interface Redriven {
  readonly taskId: TaskId;
  readonly redrivenAs: TaskId;
}

export type SkipReason = 'not_found' | 'not_dead_lettered' | 'already_redriven' | 'overloaded';

export interface Skipped {
  readonly taskId: TaskId;
  readonly reason: SkipReason;
  readonly redrivenAs?: TaskId;
}

export interface BatchRedrive {
  readonly redriven: readonly Redriven[];
  readonly skipped: readonly Skipped[];
  /** Set if admission refused some of them. */
  readonly overload?: BoomerangError;
}

/** @throws StackUnavailableError; a repeat finds what was accepted until then */
export async function redriveBatch(
  ports: InferPorts,
  options: InferOptions,
  batchId: BatchId,
  taskIndexes: readonly number[],
  requestId: string,
): Promise<BatchRedrive> {
  const batch = await ports.batches.read(batchId);
  const skipped: Skipped[] = [];
  const accepted: number[] = [];
  for (const taskIndex of taskIndexes) {
    const refusal = refusalOf(batch, batchId, taskIndex);
    if (refusal === undefined) accepted.push(taskIndex);
    else skipped.push(refusal);
  }
  if (batch === undefined || accepted.length === 0) return { redriven: [], skipped };

  const results = await Promise.allSettled(
    accepted.map((taskIndex) => acceptAgain(ports, options, batch, taskIndex, requestId)),
  );
  const newTasks = new Map<number, TaskId>();
  let overload: BoomerangError | undefined;
  results.forEach((result, index) => {
    const taskIndex = accepted[index] ?? -1;
    if (result.status === 'fulfilled') newTasks.set(taskIndex, result.value);
    else if (isOverload(result.reason)) {
      overload = result.reason;
      skipped.push({ taskId: taskIdOf(batchId, taskIndex), reason: 'overloaded' });
    }
  });
  const { linked, links } = await link(ports, options, batch, newTasks);
  ports.stats.count('redriven', links);
  const failed = results.find((result) => result.status === 'rejected' && !isOverload(result.reason));
  if (failed?.status === 'rejected') throw failed.reason;
  const redriven = [...newTasks].map(([taskIndex, newTask]) => ({
    taskId: taskIdOf(batchId, taskIndex),
    redrivenAs: linked?.redrivenAs?.[taskIndex] ?? newTask,
  }));
  return { redriven, skipped, ...(overload === undefined ? {} : { overload }) };
}

function refusalOf(
  batch: BatchDocument | undefined,
  batchId: BatchId,
  taskIndex: number,
): Skipped | undefined {
  const taskId = taskIdOf(batchId, taskIndex);
  if (batch?.tasks[taskIndex] === undefined) return { taskId, reason: 'not_found' };
  const redrivenAs = batch.redrivenAs?.[taskIndex];
  if (redrivenAs !== undefined) return { taskId, reason: 'already_redriven', redrivenAs };
  return isDeadLettered(batch, taskIndex) ? undefined : { taskId, reason: 'not_dead_lettered' };
}

/** Only the text stays the same: the new task has its own admission time, and no deadline. */
async function acceptAgain(
  ports: InferPorts,
  options: InferOptions,
  batch: BatchDocument,
  taskIndex: number,
  requestId: string,
): Promise<TaskId> {
  const redriveOf = taskIdOf(batch.id, taskIndex);
  const text = batch.inputs[taskIndex]?.text ?? '';
  const [newTask] = await acceptInputs(ports, options, {
    inputsAt: (nowMs) => [{ text, requestId, acceptedAtMs: Math.round(nowMs * 10) / 10, redriveOf }],
    once: {
      key: REDRIVE_KEY_PREFIX + redriveOf,
      requestHash: requestHash({ text }),
      // The key must outlive the old task, or a repeat would accept its text a second time.
      retentionMs: Math.max(options.keyRetentionMs, options.timeouts.retentionMs),
    },
  });
  if (newTask === undefined) throw new Error(`the redrive of ${redriveOf} made no task`);
  return newTask;
}

/** `links` counts those that this call wrote: another redrive may have written the same ones meanwhile. */
async function link(
  ports: InferPorts,
  { timeouts }: InferOptions,
  batch: BatchDocument,
  newTasks: ReadonlyMap<number, TaskId>,
): Promise<{ readonly linked: BatchDocument | undefined; readonly links: number }> {
  const { batch: linked, result: links } = await rewriteBatchWithResult(ports, timeouts, {
    known: batch,
    change: (read, write) => {
      const next = linkRedriven(read, newTasks, write);
      return { next, result: next === undefined ? 0 : countLinks(next) - countLinks(read) };
    },
  });
  return { linked, links: linked === undefined ? 0 : links };
}

function countLinks({ redrivenAs = {} }: BatchDocument): number {
  return Object.keys(redrivenAs).length;
}

function isOverload(error: unknown): error is BoomerangError {
  return error instanceof BoomerangError && error.code === 'overloaded';
}
