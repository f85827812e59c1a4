/**
 * The life of a batch, as pure moves from one document to the next. Each move takes what was read and returns what
 * is to be written under the condition that `rev` still stands; a writer who loses reads again and moves again.
 *
 * A final slot is never touched: the first answer wins, and a later one is entered in the history as `late`.
 */
import {
  deliveryKey,
  type BatchDocument,
  type ClosedSlot,
  type DeliveryKey,
  type DeliveryOutcome,
  type DeliveryRecord,
  type InvokeRecord,
  type OpenSlot,
  type Slot,
  type TaskError,
} from './batch.js';
import type { TaskId } from './ids.js';
import type { BatchMessage } from './message.js';

/** What every move needs to know. */
export interface Move {
  readonly nowMs: number;
  /** Identifies this write, so that its writer knows it again when the reply is lost. */
  readonly writeId: string;
  readonly visibilityTimeoutMs: number;
  /** How long a finished batch is kept. */
  readonly retentionMs: number;
}

/** What an invoke says of one task. `released`: it was not tried. */
export type TaskOutcome =
  | { readonly status: 'succeeded'; readonly label: string; readonly score: number; readonly tokens: number }
  | { readonly status: 'expired' }
  | { readonly status: 'failed'; readonly error: TaskError; readonly retryable: boolean }
  | { readonly status: 'released' };

/** What has become known of one invoke of a delivery since the delivery was last written. */
export interface InvokeNews {
  /** Its place in the delivery's `invokes`. */
  readonly index: number;
  readonly outcomes: ReadonlyMap<number, TaskOutcome>;
  /** Milliseconds the function spent in the model. */
  readonly computeMs: number;
}

const REMEMBERED_WRITES = 8;
const FIRST_DELIVERIES_KEPT = 5;
const LAST_DELIVERIES_KEPT = 45;
/** Of the history as JSON: with 200 KB of texts and the answers it stays far under DynamoDB's 400 KB. */
const MAX_HISTORY_BYTES = 100_000;
/** So many, each with an error of full length, fit into the history. */
const FEW_INVOKES = 32;
/** The coordinator of a delivery of which no more is known than that it was received. */
const NOBODY = '';
const LARGEST_LEAP = 2 ** 31;
const FAILURES_BEFORE_ISOLATION = 2;
const NEVER_ANSWERED: TaskError = { code: 'never_answered', message: 'no delivery brought an answer' };
const OPEN: OpenSlot = { status: 'open', failedAlone: 0 };

export function isOpen(slot: Slot | undefined): slot is OpenSlot {
  return slot?.status === 'open';
}

export function openSlots(batch: BatchDocument): number[] {
  return batch.slots.flatMap((slot, index) => (isOpen(slot) ? [index] : []));
}

export function isFinished(batch: BatchDocument): boolean {
  return !batch.slots.some(isOpen);
}

export function holdsWrite(batch: BatchDocument, writeId: string): boolean {
  return batch.writeIds.includes(writeId);
}

export function batchOf(message: BatchMessage, visibilityTimeoutMs: number): BatchDocument {
  return {
    id: message.batchId,
    batchNumber: message.batchNumber,
    coordinatorId: message.coordinatorId,
    createdAtMs: message.createdAtMs,
    inputs: message.inputs,
    slots: message.inputs.map(() => OPEN),
    deliveries: {},
    deliveryCount: 0,
    rev: 1,
    writeIds: [],
    sends: message.send,
    touchedAtMs: message.createdAtMs,
    dueAtMs: message.createdAtMs + 2 * visibilityTimeoutMs,
  };
}

export function messageOfBatch(batch: BatchDocument): BatchMessage {
  return {
    version: 1,
    batchId: batch.id,
    batchNumber: batch.batchNumber,
    coordinatorId: batch.coordinatorId,
    createdAtMs: batch.createdAtMs,
    send: batch.sends,
    inputs: batch.inputs,
  };
}

/**
 * After two failed or lost deliveries the open tasks travel alone, so that a poisonous one fails alone. Once they did,
 * they go on so, though the history may have become too long to show why.
 */
export function needsIsolation(batch: BatchDocument): boolean {
  if (batch.slots.some((slot) => isOpen(slot) && slot.failedAlone > 0)) return true;
  const failures = Object.values(batch.deliveries).filter(
    (delivery) => delivery.outcome === 'failed' || delivery.outcome === 'lost',
  );
  return failures.length >= FAILURES_BEFORE_ISOLATION;
}

/** The workers that failed in the latest delivery that ended. */
export function lastFailedWorkers(batch: BatchDocument): ReadonlySet<string> {
  const latest = byNumber(Object.values(batch.deliveries)).findLast(
    (delivery) => delivery.endedAtMs !== undefined,
  );
  const failed =
    latest?.invokes.filter(({ outcome }) => outcome !== 'succeeded' && outcome !== 'released') ?? [];
  return new Set(failed.map((invoke) => invoke.workerId));
}

/**
 * The batch as the receiver of a message must see it: what the receive count knows and the item does not is entered
 * as `lost`, and so is every delivery that started, never ended and cannot be alive by its lease.
 */
export function withLostDeliveries(
  batch: BatchDocument,
  received: Receive,
  move: Pick<Move, 'nowMs' | 'visibilityTimeoutMs'>,
): BatchDocument {
  const deliveries: Record<DeliveryKey, DeliveryRecord> = { ...batch.deliveries };
  // The entry of a start leaves the count alone.
  let deliveryCount = Object.values(deliveries).reduce(
    (count, { number }) => Math.max(count, number),
    batch.deliveryCount,
  );
  let latestKnown = 0;
  for (const [key, delivery] of Object.entries(batch.deliveries)) {
    const sameMessage = delivery.messageId === received.messageId;
    if (sameMessage) latestKnown = Math.max(latestKnown, delivery.receiveCount);
    const earlier = sameMessage && delivery.receiveCount < received.receiveCount;
    const isOther = sameMessage ? isTwin(delivery, received) : true;
    const outlived = isOther && delivery.startedAtMs + 2 * move.visibilityTimeoutMs < move.nowMs;
    if (delivery.endedAtMs === undefined && (earlier || outlived)) {
      const number = mustYieldNumber(deliveries, key) ? (deliveryCount += 1) : delivery.number;
      deliveries[key] = { ...delivery, number, endedAtMs: move.nowMs, outcome: 'lost' };
    }
  }
  const someAreDropped =
    Object.values(deliveries).filter(({ number }) => number <= batch.deliveryCount).length <
    batch.deliveryCount;
  for (let receiveCount = 1; receiveCount < received.receiveCount; receiveCount += 1) {
    const identity = { messageId: received.messageId, receiveCount };
    const wasKnown = deliveryKey(identity) in deliveries || (someAreDropped && receiveCount < latestKnown);
    if (wasKnown) continue;
    deliveryCount += 1;
    deliveries[deliveryKey(identity)] = {
      ...identity,
      number: deliveryCount,
      coordinatorId: NOBODY,
      slots: openSlots(batch),
      startedAtMs: move.nowMs,
      endedAtMs: move.nowMs,
      outcome: 'lost',
      invokes: [],
    };
  }
  return { ...batch, deliveries, deliveryCount };
}

/** What a delivery's commit changed, beside the document itself. */
export interface Commit {
  readonly next: BatchDocument;
  /** The delivery as it stands in the document. */
  readonly record: DeliveryRecord;
  /** Slots that this commit closed. */
  readonly closed: readonly number[];
  /** Slots whose answer came too late. */
  readonly late: readonly number[];
  /** Deliveries, by number, that this commit entered as lost. */
  readonly lost: readonly number[];
}

/** Enters a delivery and the news of its invokes; only open slots change. */
export function commitDelivery(
  read: BatchDocument,
  delivery: DeliveryRecord,
  news: readonly InvokeNews[],
  move: Move,
): Commit {
  const batch = withLostDeliveries(read, delivery, move);
  const entered = asEntered(batch.deliveries, delivery);
  const key = deliveryKey(entered);
  const number = numberOf(batch, key);
  const slots = [...batch.slots];
  const invokes = [...delivery.invokes];
  const closed: number[] = [];
  const late: number[] = [];

  for (const item of news) {
    const invoke = invokes[item.index];
    if (invoke === undefined) continue;
    const outcomes = invoke.slots.map((slot): DeliveryOutcome => {
      const outcome = item.outcomes.get(slot) ?? { status: 'released' };
      const current = slots[slot];
      if (!isOpen(current)) {
        if (outcome.status !== 'succeeded') return deliveryOutcomeOf(outcome);
        if (isOwnAnswer(current, number, invoke)) return 'succeeded';
        late.push(slot);
        return 'late';
      }
      const next = settle(batch, slot, current, outcome, {
        invoke,
        number,
        computeMs: item.computeMs,
        nowMs: move.nowMs,
      });
      if (!isOpen(next)) closed.push(slot);
      slots[slot] = next;
      return deliveryOutcomeOf(outcome);
    });
    invokes[item.index] = { ...invoke, outcome: allTheSame(outcomes) };
  }

  const record = withOutcome({ ...entered, number, invokes });
  const deliveryCount = Math.max(batch.deliveryCount, number);
  const deliveries = trimmed({ ...batch.deliveries, [key]: record }, deliveryCount);
  const lost = newlyLost(read, batch);
  return { next: moved({ ...batch, slots, deliveries, deliveryCount }, move), record, closed, late, lost };
}

/** A receive of a message, and the delivery that came of it where it has begun. */
type Receive = Pick<DeliveryRecord, 'messageId' | 'receiveCount'> &
  Partial<Pick<DeliveryRecord, 'coordinatorId' | 'startedAtMs'>>;

/**
 * Under the key by which it stands in the history, or is to stand there. A queue may hand a message out twice under one
 * receive count: the second of the two must not take the place of the first, whose answers name it.
 */
export function asEntered(
  deliveries: Readonly<Record<DeliveryKey, DeliveryRecord>>,
  delivery: DeliveryRecord,
): DeliveryRecord {
  const there = Object.values(deliveries).filter((other) => isSameReceive(other, delivery));
  if (there.length === 0) return delivery;
  const own = there.find((other) => !isTwin(other, delivery));
  const { copy: _copy, ...rest } = delivery;
  const copy = own === undefined ? 1 + Math.max(...there.map((other) => other.copy ?? 1)) : own.copy;
  return copy === undefined ? rest : { ...rest, copy };
}

function isSameReceive(a: Receive, b: Receive): boolean {
  return a.messageId === b.messageId && a.receiveCount === b.receiveCount;
}

/** Whether these are two deliveries of one receive. One that only a count told of may be either. */
function isTwin(known: DeliveryRecord, other: Receive): boolean {
  if (!isSameReceive(known, other) || isOnlyCounted(known) || isOnlyCounted(other)) return false;
  return known.coordinatorId !== other.coordinatorId || known.startedAtMs !== other.startedAtMs;
}

/** Entered as lost by a later receive: nobody said who had it. */
function isOnlyCounted({ coordinatorId }: Receive): boolean {
  return coordinatorId === NOBODY;
}

function newlyLost(before: BatchDocument, after: BatchDocument): number[] {
  const isNew = ([key, { outcome }]: [DeliveryKey, DeliveryRecord]) =>
    outcome === 'lost' && before.deliveries[key]?.outcome !== 'lost';
  return Object.entries(after.deliveries)
    .filter(isNew)
    .map(([, { number }]) => number);
}

function numberOf({ deliveries, deliveryCount }: BatchDocument, key: DeliveryKey): number {
  const known = deliveries[key]?.number;
  return known === undefined || mustYieldNumber(deliveries, key) ? deliveryCount + 1 : known;
}

/**
 * Deliveries that began on the same revision, unseen by each other, took the same number. One that has answered keeps
 * it, since its tasks name it.
 */
function mustYieldNumber(
  deliveries: Readonly<Record<DeliveryKey, DeliveryRecord>>,
  key: DeliveryKey,
): boolean {
  const own = deliveries[key];
  if (own === undefined || own.invokes.some(({ outcome }) => outcome?.includes('succeeded'))) return false;
  return Object.entries(deliveries).some(([other, { number }]) => other !== key && number === own.number);
}

/** The document with these tasks expired, or `undefined` where none of them is open. */
export function expireTasks(
  batch: BatchDocument,
  due: readonly number[],
  move: Move,
): BatchDocument | undefined {
  return closeOpen(batch, due, 'expired', move);
}

/** The document with all open tasks failed for good, each with its last reason; `undefined` where none is open. */
export function deadLetter(batch: BatchDocument, move: Move): BatchDocument | undefined {
  if (isFinished(batch)) return undefined;
  const slots = batch.slots.map((slot, index): Slot =>
    isOpen(slot)
      ? { status: 'failed', error: slot.lastError ?? NEVER_ANSWERED, ...finish(batch, index, move.nowMs) }
      : slot,
  );
  return { ...moved({ ...batch, slots }, move), deadLetteredAtMs: move.nowMs };
}

/** The document as it is claimed for another send of its message; what is past its deadline expires instead. */
export function resend(batch: BatchDocument, move: Move): BatchDocument {
  const due = openSlots(batch).filter((slot) => (batch.inputs[slot]?.deadlineAtMs ?? Infinity) <= move.nowMs);
  const next = closeOpen(batch, due, 'expired', move) ?? moved(batch, move);
  return { ...next, sends: batch.sends + 1 };
}

/**
 * As it is created where the table may have been emptied: at a revision that no write can meet that was meant for what
 * stood there before. A call may land long after its caller gave it up.
 *
 * @param chance from 0, below 1
 */
export function recreated(batch: BatchDocument, chance: number): BatchDocument {
  return { ...batch, rev: batch.rev + 1 + Math.floor(chance * LARGEST_LEAP) };
}

/**
 * What stands in a table that was emptied since, brought up to what a coordinator still held: a final state wins over
 * an open one, and one that is there already stays. `undefined` where nothing is missing.
 */
export function mergeHeld(there: BatchDocument, held: BatchDocument, move: Move): BatchDocument | undefined {
  const isMissing = (slot: Slot, index: number) => isOpen(slot) && !isOpen(held.slots[index]);
  const lacksLinks = Object.keys(held.redrivenAs ?? {}).length > Object.keys(there.redrivenAs ?? {}).length;
  if (!there.slots.some(isMissing) && !lacksLinks && there.rev >= held.rev) return undefined;
  const { added, numbers, deliveryCount } = besides(there, held);
  const slots = there.slots.map((slot, index): Slot => {
    const known = held.slots[index];
    if (known === undefined || !isMissing(slot, index)) return slot;
    if (known.status !== 'succeeded') return known;
    return { ...known, delivery: numbers.get(known.delivery) ?? known.delivery };
  });
  const deliveries = trimmed({ ...there.deliveries, ...added }, deliveryCount);
  const sends = Math.max(there.sends, held.sends);
  const rev = Math.max(there.rev, held.rev);
  const writeIds = [...new Set([...held.writeIds, ...there.writeIds])];
  const deadLetteredAtMs = there.deadLetteredAtMs ?? held.deadLetteredAtMs;
  const dead = deadLetteredAtMs === undefined ? {} : { deadLetteredAtMs };
  const redrivenAs = { ...held.redrivenAs, ...there.redrivenAs };
  const links = Object.keys(redrivenAs).length === 0 ? {} : { redrivenAs };
  return moved({ ...there, slots, deliveries, deliveryCount, sends, rev, writeIds, ...dead, ...links }, move);
}

/** What `held` knows of deliveries beyond `there`. In each table they were counted from one: here they come later. */
function besides(there: BatchDocument, held: BatchDocument) {
  const taken = new Set(Object.values(there.deliveries).map(({ number }) => number));
  const counted = [...Object.values(there.deliveries), ...Object.values(held.deliveries)];
  let last = counted.reduce(
    (most, { number }) => Math.max(most, number),
    Math.max(there.deliveryCount, held.deliveryCount),
  );
  let deliveryCount = Math.max(there.deliveryCount, held.deliveryCount);
  const added: Record<DeliveryKey, DeliveryRecord> = {};
  const numbers = new Map<number, number>();
  for (const delivery of byNumber(Object.values(held.deliveries))) {
    const entered = asEntered({ ...there.deliveries, ...added }, delivery);
    const key = deliveryKey(entered);
    const number =
      there.deliveries[key]?.number ?? (taken.has(delivery.number) ? (last += 1) : delivery.number);
    if (delivery.endedAtMs !== undefined || !numbers.has(delivery.number))
      numbers.set(delivery.number, number);
    const known = there.deliveries[key];
    if (known !== undefined && outcomesIn(known) >= outcomesIn(delivery)) continue;
    added[key] = { ...entered, number };
    if (delivery.endedAtMs !== undefined) deliveryCount = Math.max(deliveryCount, number);
  }
  return { added, numbers, deliveryCount };
}

/** Of two records of one delivery, the one with more of them was written later. */
function outcomesIn({ invokes }: DeliveryRecord): number {
  return invokes.filter(({ outcome }) => outcome !== undefined).length;
}

/** Whether the task was failed because its message was given up, not by an answer before that. */
export function isDeadLettered({ slots, deadLetteredAtMs }: BatchDocument, slot: number): boolean {
  const state = slots[slot];
  return (
    state?.status === 'failed' &&
    deadLetteredAtMs !== undefined &&
    state.finishedAtMs >= tenths(deadLetteredAtMs)
  );
}

/**
 * The document with dead-lettered tasks linked to the new ones as which they were taken in again; a link that is there
 * stays. `undefined` where there is no link to add.
 */
export function linkRedriven(
  batch: BatchDocument,
  newTasks: ReadonlyMap<number, TaskId>,
  move: Move,
): BatchDocument | undefined {
  const links = [...newTasks].filter(
    ([slot]) => isDeadLettered(batch, slot) && batch.redrivenAs?.[slot] === undefined,
  );
  if (links.length === 0) return undefined;
  return moved({ ...batch, redrivenAs: { ...Object.fromEntries(links), ...batch.redrivenAs } }, move);
}

export type CancelRefusal = 'running' | 'final';

export function cancelTask(batch: BatchDocument, slot: number, move: Move): BatchDocument | CancelRefusal {
  if (isRunning(batch, slot)) return 'running';
  return closeOpen(batch, [slot], 'cancelled', move) ?? 'final';
}

/** A task is running when it is open and a delivery that holds it has been recorded as started and not as ended. */
export function isRunning(batch: BatchDocument, slot: number): boolean {
  return (
    isOpen(batch.slots[slot]) &&
    Object.values(batch.deliveries).some(
      (delivery) => delivery.endedAtMs === undefined && delivery.slots.includes(slot),
    )
  );
}

function closeOpen(
  batch: BatchDocument,
  indexes: readonly number[],
  status: 'expired' | 'cancelled',
  move: Move,
): BatchDocument | undefined {
  const open = new Set(indexes.filter((index) => isOpen(batch.slots[index])));
  if (open.size === 0) return undefined;
  const slots = batch.slots.map((slot, index): Slot =>
    open.has(index) ? { status, ...finish(batch, index, move.nowMs) } : slot,
  );
  return moved({ ...batch, slots }, move);
}

function finish(batch: BatchDocument, slot: number, nowMs: number) {
  const totalMs = Math.max(0, nowMs - (batch.inputs[slot]?.acceptedAtMs ?? nowMs));
  return { finishedAtMs: tenths(nowMs), totalMs: tenths(totalMs) };
}

interface AnsweringInvoke {
  readonly invoke: InvokeRecord;
  readonly number: number;
  readonly computeMs: number;
  readonly nowMs: number;
}

function settle(
  batch: BatchDocument,
  slot: number,
  current: OpenSlot,
  outcome: TaskOutcome,
  by: AnsweringInvoke,
): Slot {
  const finished = finish(batch, slot, by.nowMs);
  switch (outcome.status) {
    case 'succeeded':
      return {
        ...outcome,
        workerId: by.invoke.workerId,
        delivery: by.number,
        queueMs: tenths(Math.max(0, by.invoke.startedAtMs - (by.nowMs - finished.totalMs))),
        computeMs: tenths(by.computeMs),
        ...finished,
      } satisfies ClosedSlot;
    case 'expired':
      return { status: 'expired', ...finished };
    case 'failed': {
      if (!outcome.retryable) return { status: 'failed', error: outcome.error, ...finished };
      const alone = by.invoke.slots.length === 1 ? 1 : 0;
      return { status: 'open', failedAlone: current.failedAlone + alone, lastError: outcome.error };
    }
    case 'released':
      return current;
  }
}

/** It was written before and the reply was lost; since then others wrote so often that its write id is gone. */
function isOwnAnswer(slot: Slot | undefined, delivery: number, invoke: InvokeRecord): boolean {
  return slot?.status === 'succeeded' && slot.delivery === delivery && slot.workerId === invoke.workerId;
}

function deliveryOutcomeOf(outcome: TaskOutcome): DeliveryOutcome {
  switch (outcome.status) {
    case 'succeeded':
    case 'failed':
      return outcome.status;
    case 'expired':
    case 'released':
      return 'released';
  }
}

function allTheSame(outcomes: readonly DeliveryOutcome[]): DeliveryOutcome | readonly DeliveryOutcome[] {
  const [first] = outcomes;
  return first !== undefined && outcomes.every((outcome) => outcome === first) ? first : outcomes;
}

/** A delivery that has ended is named after the worst that it brought: any failure counts as one. */
function withOutcome(delivery: DeliveryRecord): DeliveryRecord {
  if (delivery.endedAtMs === undefined) return delivery;
  const outcomes = delivery.invokes.flatMap((invoke) => invoke.outcome ?? 'released');
  const outcome = (['failed', 'succeeded', 'late'] as const).find((candidate) =>
    outcomes.includes(candidate),
  );
  return { ...delivery, outcome: outcome ?? 'released' };
}

function byNumber(deliveries: readonly DeliveryRecord[]): DeliveryRecord[] {
  return deliveries.toSorted((a, b) => a.number - b.number);
}

/** Keeps the history within its bounds, in entries and in bytes: the first few and as many of the last as fit. */
function trimmed(
  deliveries: Readonly<Record<DeliveryKey, DeliveryRecord>>,
  deliveryCount: number,
): Readonly<Record<DeliveryKey, DeliveryRecord>> {
  const all = Object.values(deliveries);
  const invokes = all.reduce((sum, delivery) => sum + delivery.invokes.length, 0);
  if (deliveryCount <= FIRST_DELIVERIES_KEPT && invokes <= FEW_INVOKES) return deliveries;
  const inBounds = all.filter(
    ({ number }) => number <= FIRST_DELIVERIES_KEPT || number > deliveryCount - LAST_DELIVERIES_KEPT,
  );
  const kept: DeliveryRecord[] = [];
  let bytesLeft = MAX_HISTORY_BYTES;
  for (const delivery of byNumber(inBounds).toReversed()) {
    const entry = bytesOf(delivery) <= bytesLeft / 2 ? delivery : withShortErrors(delivery);
    bytesLeft -= bytesOf(entry);
    if (bytesLeft > 0 || kept.length === 0) kept.push(entry);
  }
  return Object.fromEntries(kept.toReversed().map((delivery) => [deliveryKey(delivery), delivery]));
}

function bytesOf(delivery: DeliveryRecord): number {
  return Buffer.byteLength(JSON.stringify(delivery));
}

/** Only the codes of its errors are kept; what a task failed of stands in its slot. */
function withShortErrors(delivery: DeliveryRecord): DeliveryRecord {
  if (delivery.invokes.every(({ error }) => error === undefined || error.message === '')) return delivery;
  const invokes = delivery.invokes.map((invoke) =>
    invoke.error === undefined ? invoke : { ...invoke, error: { code: invoke.error.code, message: '' } },
  );
  return { ...delivery, invokes };
}

/** Finer times than a tenth of a millisecond only make items larger. */
function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** The bookkeeping of every write: revision, write id, and the attributes by which the indexes find the batch. */
function moved(batch: BatchDocument, move: Move): BatchDocument {
  const { dueAtMs: _dueAtMs, ...rest } = batch;
  const finished = isFinished(batch);
  const failed = batch.slots.some((slot) => slot.status === 'failed');
  return {
    ...rest,
    rev: batch.rev + 1,
    writeIds: [...batch.writeIds, move.writeId].slice(-REMEMBERED_WRITES),
    touchedAtMs: move.nowMs,
    ...(finished
      ? { expiresAtMs: batch.expiresAtMs ?? move.nowMs + move.retentionMs }
      : { dueAtMs: move.nowMs + 2 * move.visibilityTimeoutMs }),
    ...(failed ? { attentionAtMs: batch.attentionAtMs ?? move.nowMs } : {}),
  };
}
