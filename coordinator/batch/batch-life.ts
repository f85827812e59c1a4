/**
 * The life of a batch, as pure moves from one document to the next. Each move takes what was read and returns what
 * is to be written under the condition that `rev` still stands; a writer who loses reads again and moves again.
 *
 * A final slot is never touched: the first answer wins, and a later one is entered in the history as `late`.
 */
import { isDeadLettered, isTerminal, isOpen, isRunning, tenths } from '../../contracts/batch/batch-state.js';
import {
  deliveryKey,
  type BatchDocument,
  type DeliveryKey,
  type DeliveryRecord,
  type OpenTask,
  type TaskState,
  type TaskError,
} from '../../contracts/batch/batch.js';
import { withUniqueKey, sortedByNumber, trimHistory } from './delivery-history.js';
import type { TaskId } from '../../contracts/batch/ids.js';
import type { BatchMessage } from '../../contracts/batch/message.js';

/** What every move needs to know. */
export interface WriteContext {
  readonly nowMs: number;
  /** Identifies this write, so that its writer knows it again when the reply is lost. */
  readonly writeId: string;
  readonly visibilityTimeoutMs: number;
  /** How long a finished batch is kept. */
  readonly retentionMs: number;
}

const REMEMBERED_WRITES = 8;
const LARGEST_LEAP = 2 ** 31;
const NEVER_ANSWERED: TaskError = { code: 'never_answered', message: 'no delivery brought an answer' };
const OPEN: OpenTask = { status: 'open', failedAlone: 0 };

export function batchOf(message: BatchMessage, visibilityTimeoutMs: number): BatchDocument {
  return {
    id: message.batchId,
    batchNumber: message.batchNumber,
    coordinatorId: message.coordinatorId,
    createdAtMs: message.createdAtMs,
    inputs: message.inputs,
    tasks: message.inputs.map(() => OPEN),
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

/** The document with these tasks expired, or `undefined` where none of them is open. */
export function expireTasks(
  batch: BatchDocument,
  due: readonly number[],
  move: WriteContext,
): BatchDocument | undefined {
  return endOpenTasks(batch, due, 'expired', move);
}

/** The document with all open tasks failed for good, each with its last reason; `undefined` where none is open. */
export function deadLetter(batch: BatchDocument, move: WriteContext): BatchDocument | undefined {
  if (isTerminal(batch)) return undefined;
  const slots = batch.tasks.map((slot, index): TaskState =>
    isOpen(slot)
      ? {
          status: 'failed',
          error: slot.lastError ?? NEVER_ANSWERED,
          ...terminalTimes(batch, index, move.nowMs),
        }
      : slot,
  );
  return { ...stampWrite({ ...batch, tasks: slots }, move), deadLetteredAtMs: move.nowMs };
}

/** The document as it is claimed for another send of its message; what is past its deadline (`due`) expires instead. */
export function resend(batch: BatchDocument, due: readonly number[], move: WriteContext): BatchDocument {
  const next = endOpenTasks(batch, due, 'expired', move) ?? stampWrite(batch, move);
  return { ...next, sends: batch.sends + 1 };
}

/**
 * As it is created where the table may have been emptied: at a revision that no write can meet that was meant for what
 * stood there before. A call may land long after its caller gave it up.
 *
 * @param chance from 0, below 1
 */
export function withNewRevision(batch: BatchDocument, chance: number): BatchDocument {
  return { ...batch, rev: batch.rev + 1 + Math.floor(chance * LARGEST_LEAP) };
}

/**
 * What stands in a table that was emptied since, brought up to what a coordinator still held: a final state wins over
 * an open one, and one that is there already stays. `undefined` where nothing is missing.
 */
export function mergeKnown(
  there: BatchDocument,
  held: BatchDocument,
  move: WriteContext,
): BatchDocument | undefined {
  const isMissing = (slot: TaskState, index: number) => isOpen(slot) && !isOpen(held.tasks[index]);
  const lacksLinks = Object.keys(held.redrivenAs ?? {}).length > Object.keys(there.redrivenAs ?? {}).length;
  if (!there.tasks.some(isMissing) && !lacksLinks && there.rev >= held.rev) return undefined;
  const { added, numbers, deliveryCount } = missingDeliveries(there, held);
  const slots = there.tasks.map((slot, index): TaskState => {
    const known = held.tasks[index];
    if (known === undefined || !isMissing(slot, index)) return slot;
    if (known.status !== 'succeeded') return known;
    return { ...known, delivery: numbers.get(known.delivery) ?? known.delivery };
  });
  const deliveries = trimHistory({ ...there.deliveries, ...added }, deliveryCount);
  const sends = Math.max(there.sends, held.sends);
  const rev = Math.max(there.rev, held.rev);
  const writeIds = [...new Set([...held.writeIds, ...there.writeIds])];
  const deadLetteredAtMs = there.deadLetteredAtMs ?? held.deadLetteredAtMs;
  const dead = deadLetteredAtMs === undefined ? {} : { deadLetteredAtMs };
  const redrivenAs = { ...held.redrivenAs, ...there.redrivenAs };
  const links = Object.keys(redrivenAs).length === 0 ? {} : { redrivenAs };
  return stampWrite(
    { ...there, tasks: slots, deliveries, deliveryCount, sends, rev, writeIds, ...dead, ...links },
    move,
  );
}

/** What `held` knows of deliveries beyond `there`. In each table they were counted from one: here they come later. */
function missingDeliveries(there: BatchDocument, held: BatchDocument) {
  const taken = new Set(Object.values(there.deliveries).map(({ number }) => number));
  const counted = [...Object.values(there.deliveries), ...Object.values(held.deliveries)];
  let last = counted.reduce(
    (most, { number }) => Math.max(most, number),
    Math.max(there.deliveryCount, held.deliveryCount),
  );
  let deliveryCount = Math.max(there.deliveryCount, held.deliveryCount);
  const added: Record<DeliveryKey, DeliveryRecord> = {};
  const numbers = new Map<number, number>();
  for (const delivery of sortedByNumber(Object.values(held.deliveries))) {
    const entered = withUniqueKey({ ...there.deliveries, ...added }, delivery);
    const key = deliveryKey(entered);
    const number =
      there.deliveries[key]?.number ?? (taken.has(delivery.number) ? (last += 1) : delivery.number);
    if (delivery.endedAtMs !== undefined || !numbers.has(delivery.number))
      numbers.set(delivery.number, number);
    const known = there.deliveries[key];
    if (known !== undefined && !isMoreComplete(delivery, known)) continue;
    added[key] = { ...entered, number };
    if (delivery.endedAtMs !== undefined) deliveryCount = Math.max(deliveryCount, number);
  }
  return { added, numbers, deliveryCount };
}

/** Of two records of one delivery, the one that was written later: a late answer takes the place of a failure. */
function isMoreComplete(record: DeliveryRecord, than: DeliveryRecord): boolean {
  const more = outcomesIn(record).length - outcomesIn(than).length;
  return more === 0 ? answersIn(record) > answersIn(than) : more > 0;
}

function outcomesIn({ invokes }: DeliveryRecord) {
  return invokes.flatMap(({ outcome }) => (outcome === undefined ? [] : [outcome]));
}

function answersIn(record: DeliveryRecord): number {
  return outcomesIn(record)
    .flat()
    .filter((outcome) => outcome === 'succeeded').length;
}

/**
 * The document with dead-lettered tasks linked to the new ones as which they were taken in again; a link that is there
 * stays. `undefined` where there is no link to add.
 */
export function linkRedriven(
  batch: BatchDocument,
  newTasks: ReadonlyMap<number, TaskId>,
  move: WriteContext,
): BatchDocument | undefined {
  const links = [...newTasks].filter(
    ([slot]) => isDeadLettered(batch, slot) && batch.redrivenAs?.[slot] === undefined,
  );
  if (links.length === 0) return undefined;
  return stampWrite({ ...batch, redrivenAs: { ...Object.fromEntries(links), ...batch.redrivenAs } }, move);
}

export type CancelRefusal = 'running' | 'final';

export function cancelTask(
  batch: BatchDocument,
  slot: number,
  move: WriteContext,
): BatchDocument | CancelRefusal {
  if (isRunning(batch, slot)) return 'running';
  return endOpenTasks(batch, [slot], 'cancelled', move) ?? 'final';
}

function endOpenTasks(
  batch: BatchDocument,
  indexes: readonly number[],
  status: 'expired' | 'cancelled',
  move: WriteContext,
): BatchDocument | undefined {
  const open = new Set(indexes.filter((index) => isOpen(batch.tasks[index])));
  if (open.size === 0) return undefined;
  const slots = batch.tasks.map((slot, index): TaskState =>
    open.has(index) ? { status, ...terminalTimes(batch, index, move.nowMs) } : slot,
  );
  return stampWrite({ ...batch, tasks: slots }, move);
}

export function terminalTimes(batch: BatchDocument, slot: number, nowMs: number) {
  const totalMs = Math.max(0, nowMs - (batch.inputs[slot]?.acceptedAtMs ?? nowMs));
  return { finishedAtMs: tenths(nowMs), totalMs: tenths(totalMs) };
}

/** The bookkeeping of every write: revision, write id, and the attributes by which the indexes find the batch. */
export function stampWrite(batch: BatchDocument, move: WriteContext): BatchDocument {
  const { dueAtMs: _dueAtMs, ...rest } = batch;
  const finished = isTerminal(batch);
  const failed = batch.tasks.some((slot) => slot.status === 'failed');
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
