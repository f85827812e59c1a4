import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { MAX_EPOCH_MS } from '../common/times.js';

/** A batch's id: a UUIDv7 (RFC 9562), so ids sort by time and never repeat across restarts. */
export type BatchId = string;
/** A task's id: its batch's id, a dash, and its taskIndex in the batch. `GET /tasks/:id` is one read because of it. */
export type TaskId = string;

const TASK_ID = /^([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})-(0|[1-9]\d{0,2})$/;

export function newBatchId(clock: { now(): number }, random: { bytes(count: number): Uint8Array }): BatchId {
  return uuidv7({ msecs: Math.floor(clock.now()), random: random.bytes(16) });
}

/** When a batch got its id, epoch milliseconds: a UUIDv7 begins with it. */
export function givenAtMs(id: BatchId): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16);
}

/** Checks the id of a batch that somebody else may have named: it was given at a time that can be shown. */
export const batchIdSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  .refine((id) => givenAtMs(id) <= MAX_EPOCH_MS);

export function taskIdOf(batchId: BatchId, taskIndex: number): TaskId {
  return `${batchId}-${taskIndex}`;
}

/** The batch and taskIndex of a task id, or `undefined` where the text is no task id at all. */
export function parseTaskId(
  id: string,
): { readonly batchId: BatchId; readonly taskIndex: number } | undefined {
  const match = TASK_ID.exec(id);
  const [, batchId, taskIndex] = match ?? [];
  return batchId === undefined ? undefined : { batchId, taskIndex: Number(taskIndex) };
}
