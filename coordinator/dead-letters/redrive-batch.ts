/**
 * Takes dead-lettered tasks of one batch in again, as new tasks. Each goes through the ordinary intake under a key made
 * of its id, then the old batch is linked to the new tasks; whatever is cut off in between, a repeat finds the key and
 * makes nothing twice. The old tasks stay failed.
 */
import { REDRIVE_KEY_PREFIX } from '../../contracts/http/api.js';
import { linkRedriven } from '../batch/batch-life.js';
import { isDeadLettered } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { taskIdOf, type BatchId, type TaskId } from '../../contracts/batch/ids.js';
import { requestHash } from '../intake/idempotency.js';
import { acceptInputs, type InferOptions, type InferPorts } from '../intake/infer.js';
import { rewriteBatch } from '../ledger/rewrite-batch.js';

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
  /** Why not all were taken in: admission refused the rest. */
  readonly overload?: BoomerangError;
}

/** @throws StackUnavailableError; what was taken in until then is found again by a repeat */
export async function redriveBatch(
  ports: InferPorts,
  options: InferOptions,
  batchId: BatchId,
  slots: readonly number[],
  requestId: string,
): Promise<BatchRedrive> {
  const batch = await ports.batches.read(batchId);
  const skipped: Skipped[] = [];
  const wanted: number[] = [];
  for (const slot of slots) {
    const refusal = refusalOf(batch, batchId, slot);
    if (refusal === undefined) wanted.push(slot);
    else skipped.push(refusal);
  }
  if (batch === undefined || wanted.length === 0) return { redriven: [], skipped };

  const takingIn = await Promise.allSettled(
    wanted.map((slot) => takeInAgain(ports, options, batch, slot, requestId)),
  );
  const newTasks = new Map<number, TaskId>();
  let overload: BoomerangError | undefined;
  takingIn.forEach((result, index) => {
    const slot = wanted[index] ?? -1;
    if (result.status === 'fulfilled') newTasks.set(slot, result.value);
    else if (isOverload(result.reason)) {
      overload = result.reason;
      skipped.push({ taskId: taskIdOf(batchId, slot), reason: 'overloaded' });
    }
  });
  const { linked, links } = await link(ports, options, batch, newTasks);
  ports.stats.count('redriven', links);
  const failed = takingIn.find((result) => result.status === 'rejected' && !isOverload(result.reason));
  if (failed?.status === 'rejected') throw failed.reason;
  const redriven = [...newTasks].map(([slot, newTask]) => ({
    taskId: taskIdOf(batchId, slot),
    redrivenAs: linked?.redrivenAs?.[slot] ?? newTask,
  }));
  return { redriven, skipped, ...(overload === undefined ? {} : { overload }) };
}

function refusalOf(batch: BatchDocument | undefined, batchId: BatchId, slot: number): Skipped | undefined {
  const taskId = taskIdOf(batchId, slot);
  if (batch?.tasks[slot] === undefined) return { taskId, reason: 'not_found' };
  const redrivenAs = batch.redrivenAs?.[slot];
  if (redrivenAs !== undefined) return { taskId, reason: 'already_redriven', redrivenAs };
  return isDeadLettered(batch, slot) ? undefined : { taskId, reason: 'not_dead_lettered' };
}

/** The text alone is the same: a new admission, without the deadline that has long passed. */
async function takeInAgain(
  ports: InferPorts,
  options: InferOptions,
  batch: BatchDocument,
  slot: number,
  requestId: string,
): Promise<TaskId> {
  const redriveOf = taskIdOf(batch.id, slot);
  const text = batch.inputs[slot]?.text ?? '';
  const [newTask] = await acceptInputs(ports, options, {
    inputsAt: (nowMs) => [{ text, requestId, acceptedAtMs: Math.round(nowMs * 10) / 10, redriveOf }],
    once: {
      key: REDRIVE_KEY_PREFIX + redriveOf,
      requestHash: requestHash({ text }),
      // Must outlive the old task: a key forgotten before it would let its text in a second time.
      retentionMs: Math.max(options.keyRetentionMs, options.timeouts.retentionMs),
    },
  });
  if (newTask === undefined) throw new Error(`${redriveOf} became no task`);
  return newTask;
}

/** `links` are those that this call wrote: whoever redrives at the same time may have written the same ones. */
async function link(
  ports: InferPorts,
  { timeouts }: InferOptions,
  batch: BatchDocument,
  newTasks: ReadonlyMap<number, TaskId>,
): Promise<{ readonly linked: BatchDocument | undefined; readonly links: number }> {
  let links = 0;
  const linked = await rewriteBatch(ports, timeouts, {
    known: batch,
    change: (read, move) => {
      const next = linkRedriven(read, newTasks, move);
      links = linksOf(next) - (next === undefined ? 0 : linksOf(read));
      return next;
    },
  });
  return { linked, links: linked === undefined ? 0 : links };
}

function linksOf(batch: BatchDocument | undefined): number {
  return Object.keys(batch?.redrivenAs ?? {}).length;
}

function isOverload(error: unknown): error is BoomerangError {
  return error instanceof BoomerangError && error.code === 'overloaded';
}
