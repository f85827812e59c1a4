/** The deliveries of a batch: the key and the number of each, which of them are kept, and what follows for the next one. */
import { isOpen, openTaskIndexes } from '../../contracts/batch/batch-state.js';
import {
  deliveryKey,
  type BatchDocument,
  type DeliveryKey,
  type DeliveryRecord,
  type InvokeRecord,
  type OpenTask,
  type RunningDelivery,
  type UncommittedDelivery,
} from '../../contracts/batch/batch.js';
import { findCause } from './find-cause.js';

const FIRST_DELIVERIES_KEPT = 5;
const LAST_DELIVERIES_KEPT = 45;
/** The history as JSON. With 200 KB of texts and the answers, an item stays far below DynamoDB's 400 KB. */
const MAX_HISTORY_BYTES = 100_000;
/** This many errors of full length fit into the history. */
const FEW_ERRORS = 32;
/** The coordinator of a delivery that is known only from a later receive count. */
const NOBODY = '';
const FAILURES_BEFORE_ISOLATION = 2;
const DEATHS_UNTIL_SUSPECT = 2;

/**
 * After two failed or lost deliveries, or one that ended a worker, each open task is invoked alone, so that a poisonous one
 * fails alone. Tasks that were invoked alone stay so, even if the history no longer shows why.
 */
export function needsIsolation(batch: BatchDocument): boolean {
  const isMarked = ({ failedAlone, workerDeaths = 0 }: OpenTask) => failedAlone + workerDeaths > 0;
  if (batch.tasks.some((task) => isOpen(task) && isMarked(task))) return true;
  const failures = Object.values(batch.deliveries).filter(
    (delivery) => delivery.outcome === 'failed' || delivery.outcome === 'lost',
  );
  return failures.length >= FAILURES_BEFORE_ISOLATION;
}

/** A task that was in two invokes whose workers died is tried after all others of its batch. */
export function isSuspect(batch: BatchDocument, taskIndex: number): boolean {
  const task = batch.tasks[taskIndex];
  return isOpen(task) && (task.workerDeaths ?? 0) >= DEATHS_UNTIL_SUSPECT;
}

/** The workers that failed in the latest delivery that ended. */
export function lastFailedWorkers(batch: BatchDocument): ReadonlySet<string> {
  const latest = sortedByNumber(Object.values(batch.deliveries)).findLast(
    (delivery) => delivery.endedAtMs !== undefined,
  );
  const failed =
    latest?.invokes.filter(({ outcome }) => outcome !== 'succeeded' && outcome !== 'released') ?? [];
  return new Set(failed.map((invoke) => invoke.workerId));
}

/**
 * The batch as the receiver of a message must see it. Deliveries that only the receive count shows are entered as `lost`,
 * and so is every delivery that started, never ended, and has outlived its lease.
 */
export function withLostDeliveries(
  batch: BatchDocument,
  received: Receive,
  write: { readonly nowMs: number; readonly visibilityTimeoutMs: number },
): BatchDocument {
  const deliveries: Record<DeliveryKey, DeliveryRecord> = { ...batch.deliveries };
  // The record of a start does not raise the count.
  let deliveryCount = Object.values(deliveries).reduce(
    (count, { number }) => Math.max(count, number),
    batch.deliveryCount,
  );
  let latestKnown = 0;
  for (const [key, delivery] of Object.entries(batch.deliveries)) {
    const sameMessage = delivery.messageId === received.messageId;
    if (sameMessage) latestKnown = Math.max(latestKnown, delivery.receiveCount);
    const earlier = sameMessage && delivery.receiveCount < received.receiveCount;
    const isOther = !sameMessage || isDuplicateReceive(delivery, received);
    const outlived = isOther && delivery.startedAtMs + 2 * write.visibilityTimeoutMs < write.nowMs;
    if (delivery.endedAtMs === undefined && (earlier || outlived)) {
      const number = mustYieldNumber(deliveries, key) ? (deliveryCount += 1) : delivery.number;
      deliveries[key] = { ...delivery, number, endedAtMs: write.nowMs, outcome: 'lost' };
    }
  }
  const someAreDropped =
    Object.values(deliveries).filter(({ number }) => number <= batch.deliveryCount).length <
    batch.deliveryCount;
  for (let receiveCount = 1; receiveCount < received.receiveCount; receiveCount += 1) {
    const { messageId, send } = received;
    const identity = { messageId, receiveCount };
    const wasKnown = deliveryKey(identity) in deliveries || (someAreDropped && receiveCount < latestKnown);
    if (wasKnown) continue;
    deliveryCount += 1;
    const taskIndexes = openTaskIndexes(batch);
    const receive = { ...identity, ...(send === undefined ? {} : { send }) };
    deliveries[deliveryKey(identity)] = {
      ...receive,
      number: deliveryCount,
      cause: findCause({ deliveries, inputs: batch.inputs }, receive, taskIndexes),
      coordinatorId: NOBODY,
      taskIndexes,
      startedAtMs: write.nowMs,
      endedAtMs: write.nowMs,
      outcome: 'lost',
      invokes: [],
    };
  }
  return { ...batch, deliveries, deliveryCount };
}

export function newlyLost(before: BatchDocument, after: BatchDocument): number[] {
  const isNew = ([key, { outcome }]: [DeliveryKey, DeliveryRecord]) =>
    outcome === 'lost' && before.deliveries[key]?.outcome !== 'lost';
  return Object.entries(after.deliveries)
    .filter(isNew)
    .map(([, { number }]) => number);
}

type Deliveries = Readonly<Record<DeliveryKey, DeliveryRecord>>;

/** A receive of a message, and its delivery if that has begun. */
type Receive = Pick<DeliveryRecord, 'messageId' | 'receiveCount'> &
  Partial<Pick<DeliveryRecord, 'coordinatorId' | 'startedAtMs' | 'send'>>;

/**
 * Gives a delivery the key that it has, or gets, in the history. A queue may hand a message out twice under one receive
 * count: the second delivery must not replace the first, since answers name it.
 */
export function withUniqueKey(deliveries: Deliveries, delivery: RunningDelivery): RunningDelivery;
export function withUniqueKey(deliveries: Deliveries, delivery: DeliveryRecord): DeliveryRecord;
export function withUniqueKey(deliveries: Deliveries, delivery: UncommittedDelivery): UncommittedDelivery;
export function withUniqueKey(deliveries: Deliveries, delivery: UncommittedDelivery): UncommittedDelivery {
  const there = Object.values(deliveries).filter((other) => isSameReceive(other, delivery));
  if (there.length === 0) return delivery;
  const own = there.find((other) => !isDuplicateReceive(other, delivery));
  const { duplicate: _duplicate, ...rest } = delivery;
  const duplicate =
    own === undefined ? 1 + Math.max(...there.map((other) => other.duplicate ?? 1)) : own.duplicate;
  return duplicate === undefined ? rest : { ...rest, duplicate };
}

function isSameReceive(a: Receive, b: Receive): boolean {
  return a.messageId === b.messageId && a.receiveCount === b.receiveCount;
}

/** Whether these are two deliveries of one receive count. A delivery that only a count shows may be either. */
function isDuplicateReceive(known: DeliveryRecord, other: Receive): boolean {
  if (!isSameReceive(known, other) || isKnownByCountOnly(known) || isKnownByCountOnly(other)) return false;
  return known.coordinatorId !== other.coordinatorId || known.startedAtMs !== other.startedAtMs;
}

/** It was entered as lost by a later receive, which does not show who had it. */
function isKnownByCountOnly({ coordinatorId }: Receive): boolean {
  return coordinatorId === NOBODY;
}

export function numberOf({ deliveries, deliveryCount }: BatchDocument, key: DeliveryKey): number {
  const known = deliveries[key]?.number;
  return known === undefined || mustYieldNumber(deliveries, key) ? deliveryCount + 1 : known;
}

/**
 * Deliveries that began on the same revision took the same number, unaware of each other. One that has answered keeps its
 * number, since its tasks name it.
 */
function mustYieldNumber(
  deliveries: Readonly<Record<DeliveryKey, DeliveryRecord>>,
  key: DeliveryKey,
): boolean {
  const own = deliveries[key];
  if (own === undefined || own.invokes.some(({ outcome }) => outcome?.includes('succeeded'))) return false;
  return Object.entries(deliveries).some(([other, { number }]) => other !== key && number === own.number);
}

export function sortedByNumber(deliveries: readonly DeliveryRecord[]): DeliveryRecord[] {
  return deliveries.toSorted((a, b) => a.number - b.number);
}

/** Keeps the history within its bounds of entries and bytes: the first few, and as many of the last as fit. */
export function trimHistory(
  deliveries: Readonly<Record<DeliveryKey, DeliveryRecord>>,
  deliveryCount: number,
): Readonly<Record<DeliveryKey, DeliveryRecord>> {
  const all = Object.values(deliveries);
  const errors = all.flatMap(({ invokes }) => invokes).reduce((sum, invoke) => sum + errorsIn(invoke), 0);
  if (deliveryCount <= FIRST_DELIVERIES_KEPT && errors <= FEW_ERRORS) return deliveries;
  const inBounds = all.filter(
    ({ number }) => number <= FIRST_DELIVERIES_KEPT || number > deliveryCount - LAST_DELIVERIES_KEPT,
  );
  const kept: DeliveryRecord[] = [];
  let bytesLeft = MAX_HISTORY_BYTES;
  for (const delivery of sortedByNumber(inBounds).toReversed()) {
    const entry = bytesOf(delivery) <= bytesLeft / 2 ? delivery : withShortErrors(delivery);
    bytesLeft -= bytesOf(entry);
    if (bytesLeft > 0 || kept.length === 0) kept.push(entry);
  }
  return Object.fromEntries(kept.toReversed().map((delivery) => [deliveryKey(delivery), delivery]));
}

/** An invoke without errors counts as one, since it takes space as well. */
function errorsIn({ taskErrors = [] }: InvokeRecord): number {
  return Math.max(1, taskErrors.length);
}

function bytesOf(delivery: DeliveryRecord): number {
  return Buffer.byteLength(JSON.stringify(delivery));
}

/** Keeps only the codes of the errors; a failed task has its error itself. */
function withShortErrors(delivery: DeliveryRecord): DeliveryRecord {
  const errors = delivery.invokes.flatMap(({ error, taskErrors = [] }) => [
    ...(error ? [error] : []),
    ...taskErrors,
  ]);
  if (errors.every(({ message }) => message === '')) return delivery;
  const invokes = delivery.invokes.map((invoke) => ({
    ...invoke,
    ...(invoke.error === undefined ? {} : { error: { ...invoke.error, message: '' } }),
    ...(invoke.taskErrors === undefined
      ? {}
      : { taskErrors: invoke.taskErrors.map((error) => ({ ...error, message: '' })) }),
  }));
  return { ...delivery, invokes };
}
