/** Batches as the coordinator would store them, small ones. */
import { randomBytes } from 'node:crypto';
import {
  deliveryKey,
  type BatchDocument,
  type DeliveryRecord,
  type SucceededTask,
} from '../../contracts/batch/batch.js';
import { newBatchId } from '../../contracts/batch/ids.js';
import type { BatchMessage } from '../../contracts/batch/message.js';

/** Everything that JSON, queues and databases have been seen to stumble over. */
export const AWKWARD_TEXTS = [
  'plain',
  'emoji 😀 and 𝒜',
  'שלום عالم',
  'nul \u0000 in it',
  'lone \ud800 surrogate',
  '',
];

export const HOUR = 500_000;
export const HOUR_MS = 3_600_000;

export function sampleBatch(overrides: Partial<BatchDocument> = {}): BatchDocument {
  const createdAtMs = overrides.createdAtMs ?? HOUR * HOUR_MS + 1000.25;
  return {
    id: newBatchId({ ...unusedClock, now: () => createdAtMs }, unusedRandom),
    batchNumber: 7,
    coordinatorId: 'coordinator-a',
    createdAtMs,
    inputs: AWKWARD_TEXTS.map((text) => ({ text, requestId: 'request-1', acceptedAtMs: createdAtMs })),
    tasks: AWKWARD_TEXTS.map(() => ({ status: 'open', failedAlone: 0 })),
    deliveries: {},
    deliveryCount: 0,
    rev: 1,
    writeIds: ['first'],
    sends: 1,
    touchedAtMs: createdAtMs,
    dueAtMs: createdAtMs + 60_000,
    ...overrides,
  };
}

export function sampleDelivery(overrides: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    messageId: 'message-1',
    receiveCount: 1,
    number: 1,
    coordinatorId: 'coordinator-a',
    taskIndexes: [0, 1],
    startedAtMs: HOUR * HOUR_MS + 2000,
    invokes: [{ workerId: 'worker-1', taskIndexes: [0, 1], startedAtMs: HOUR * HOUR_MS + 2001.5 }],
    ...overrides,
  };
}

export function withDeliveries(batch: BatchDocument, ...deliveries: DeliveryRecord[]): BatchDocument {
  const entries = deliveries.map((delivery) => [deliveryKey(delivery), delivery] as const);
  return { ...batch, deliveries: Object.fromEntries(entries), deliveryCount: deliveries.length };
}

/** The next revision of a batch, all its tasks answered. */
export function finished(batch: BatchDocument, overrides: Partial<BatchDocument> = {}): BatchDocument {
  const next = {
    ...batch,
    tasks: batch.tasks.map(() => SUCCEEDED),
    rev: batch.rev + 1,
    writeIds: [...batch.writeIds, `write-${batch.rev + 1}`],
    expiresAtMs: HOUR * HOUR_MS + 86_400_000,
    ...overrides,
  };
  Reflect.deleteProperty(next, 'dueAtMs');
  return next;
}

export function messageOf(batch: BatchDocument): BatchMessage {
  const { id: batchId, batchNumber, coordinatorId, createdAtMs, inputs } = batch;
  return { version: 1, batchId, batchNumber, coordinatorId, createdAtMs, send: 1, inputs: [...inputs] };
}

const SUCCEEDED: SucceededTask = {
  status: 'succeeded',
  finishedAtMs: HOUR * HOUR_MS + 3000,
  totalMs: 12.5,
  label: 'POSITIVE',
  score: 0.9987654321,
  tokens: 9,
  workerId: 'worker-1',
  delivery: 1,
  queueMs: 3.25,
  computeMs: 1.5,
};

const unusedClock = { monotonic: () => 0, timer: () => () => undefined };
const unusedRandom = { next: () => 0, bytes: (count: number) => new Uint8Array(randomBytes(count)) };
