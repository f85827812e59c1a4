/** Short ways to say what happens to a batch. */
import { batchOf, type WriteContext } from '../../../../coordinator/batch/batch-life.js';
import { openTaskIndexes } from '../../../../contracts/batch/batch-state.js';
import {
  commitDelivery,
  type Commit,
  type TaskOutcome,
} from '../../../../coordinator/batch/commit-delivery.js';
import type { BatchDocument, DeliveryRecord } from '../../../../contracts/batch/batch.js';

export const T0 = Date.UTC(2027, 0, 15);
export const VISIBILITY_MS = 30_000;
export const RETENTION_MS = 3_600_000;
export const BATCH_ID = '019e0000-0000-7000-8000-000000000001';

export const succeeded: TaskOutcome = { status: 'succeeded', label: 'POSITIVE', score: 0.9, tokens: 5 };
export const failed: TaskOutcome = {
  status: 'failed',
  error: { code: 'http_500', message: 'planned' },
  retryable: true,
};
export const failedForGood: TaskOutcome = { ...failed, retryable: false };
export const expired: TaskOutcome = { status: 'expired' };
export const released: TaskOutcome = { status: 'released' };

/** A write `afterMs` after the batch was made. */
export function moveAt(afterMs: number, writeId = `write-${afterMs}`): WriteContext {
  return {
    nowMs: T0 + afterMs,
    writeId,
    visibilityTimeoutMs: VISIBILITY_MS,
    retentionMs: RETENTION_MS,
  };
}

/** A batch of so many tasks, just accepted. */
export function newBatch(tasks = 3): BatchDocument {
  return batchOf(
    {
      version: 1,
      batchId: BATCH_ID,
      batchNumber: 1,
      coordinatorId: 'coordinator-a',
      createdAtMs: T0,
      send: 1,
      inputs: Array.from({ length: tasks }, (_, slot) => ({
        text: `text ${slot}`,
        requestId: `request-${slot}`,
        acceptedAtMs: T0,
      })),
    },
    VISIBILITY_MS,
  );
}

/** A delivery that runs, without an invoke so far. */
export function startedDelivery(
  batch: BatchDocument,
  receiveCount: number,
  overrides: Partial<DeliveryRecord> = {},
): DeliveryRecord {
  return {
    messageId: 'message-1',
    receiveCount,
    number: batch.deliveryCount + 1,
    coordinatorId: 'coordinator-a',
    taskIndexes: openTaskIndexes(batch),
    startedAtMs: T0 + 1,
    invokes: [],
    ...overrides,
  };
}

export interface Delivered {
  /** By slot; a slot without one is released. */
  readonly outcomes: Readonly<Record<number, TaskOutcome>>;
  readonly receiveCount?: number;
  readonly messageId?: string;
  readonly workerId?: string;
  /** When it is committed, after the batch was made. */
  readonly atMs?: number;
  /** The tasks that it invoked: the open ones, unless given. */
  readonly taskIndexes?: readonly number[];
}

/** A delivery of one invoke, from its start to its commit. */
export function deliver(batch: BatchDocument, delivered: Delivered): Commit {
  const { outcomes, receiveCount = 1, messageId = 'message-1', workerId = 'worker-1', atMs = 10 } = delivered;
  const slots = delivered.taskIndexes ?? openTaskIndexes(batch);
  const startedAtMs = T0 + atMs - 5;
  const record = startedDelivery(batch, receiveCount, {
    messageId,
    taskIndexes: slots,
    startedAtMs,
    endedAtMs: T0 + atMs,
    invokes: [{ workerId, taskIndexes: slots, startedAtMs, endedAtMs: T0 + atMs }],
  });
  const news = { index: 0, outcomes: new Map(slots.map((slot) => [slot, outcomes[slot] ?? released])) };
  return commitDelivery(batch, record, [{ ...news, computeMs: 2.5 }], moveAt(atMs));
}

/** The same outcome for every slot. */
export function all(outcome: TaskOutcome, tasks = 3): Readonly<Record<number, TaskOutcome>> {
  return Object.fromEntries(Array.from({ length: tasks }, (_, slot) => [slot, outcome]));
}

/** So many deliveries, each of which failed altogether. */
export function failRepeatedly(batch: BatchDocument, times: number): BatchDocument {
  let next = batch;
  for (let turn = 1; turn <= times; turn += 1) {
    next = deliver(next, {
      outcomes: all(failed, batch.tasks.length),
      receiveCount: turn,
      atMs: 10 * turn,
    }).next;
  }
  return next;
}

/** Number and outcome of every delivery, in the order of the numbers. */
export function history(batch: BatchDocument): readonly (readonly [number, string | undefined])[] {
  return Object.values(batch.deliveries)
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, outcome }) => [number, outcome] as const);
}
