/**
 * The transitions of a batch, as pure functions from the document that was read to the document to write. The write is
 * conditional on `rev`: a writer who finds another `rev` reads again and computes the transition again.
 *
 * A terminal task never changes: the first answer wins, and a later one is recorded in the history as `late`.
 */
import { invariant } from '../../contracts/common/invariant.js';
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

/** Every transition needs to know this. */
export interface WriteContext {
  readonly nowMs: number;
  /** Identifies this write, so that its writer recognizes it when the reply was lost. */
  readonly writeId: string;
  readonly visibilityTimeoutMs: number;
  /** How long a finished batch is kept. */
  readonly retentionMs: number;
}

const REMEMBERED_WRITES = 8;
const MAX_REVISION_JUMP = 2 ** 31;
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

/** Expires these tasks. @returns `undefined` if none of them is open */
export function expireTasks(
  batch: BatchDocument,
  overdue: readonly number[],
  write: WriteContext,
): BatchDocument | undefined {
  return endOpenTasks(batch, overdue, 'expired', write);
}

/** Fails all open tasks permanently, each with its last error. @returns `undefined` if none is open */
export function deadLetter(batch: BatchDocument, write: WriteContext): BatchDocument | undefined {
  if (isTerminal(batch)) return undefined;
  const tasks = batch.tasks.map((task, index): TaskState =>
    isOpen(task)
      ? {
          status: 'failed',
          error: task.lastError ?? NEVER_ANSWERED,
          ...terminalTimes(batch, index, write.nowMs),
        }
      : task,
  );
  return { ...stampWrite(batch, { ...batch, tasks }, write), deadLetteredAtMs: write.nowMs };
}

/** Counts another send of the batch's message. Tasks past their deadline (`overdue`) expire instead. */
export function resend(batch: BatchDocument, overdue: readonly number[], write: WriteContext): BatchDocument {
  const next = endOpenTasks(batch, overdue, 'expired', write) ?? stampWrite(batch, batch, write);
  return { ...next, sends: batch.sends + 1 };
}

/**
 * The batch as it is created in a table that may have been emptied: at a random later revision, so that no write that was
 * meant for the lost item can succeed on the new one. A call may arrive long after its caller gave up on it.
 *
 * @param chance from 0, below 1
 */
export function withNewRevision(batch: BatchDocument, chance: number): BatchDocument {
  return { ...batch, rev: batch.rev + 1 + Math.floor(chance * MAX_REVISION_JUMP) };
}

/**
 * Merges what a coordinator knew of a batch (`known`) into the item that was found in an emptied table (`stored`): a
 * terminal state replaces an open one, and a terminal state that is stored stays.
 * @returns `undefined` if nothing is missing
 */
export function mergeKnown(
  stored: BatchDocument,
  known: BatchDocument,
  write: WriteContext,
): BatchDocument | undefined {
  const isMissing = (task: TaskState, index: number) => isOpen(task) && !isOpen(known.tasks[index]);
  const lacksLinks = Object.keys(known.redrivenAs ?? {}).length > Object.keys(stored.redrivenAs ?? {}).length;
  if (!stored.tasks.some(isMissing) && !lacksLinks && stored.rev >= known.rev) return undefined;
  const { added, numbers, deliveryCount } = missingDeliveries(stored, known);
  const tasks = stored.tasks.map((task, index): TaskState => {
    const knownTask = known.tasks[index];
    if (knownTask === undefined || !isMissing(task, index)) return task;
    if (knownTask.status !== 'succeeded') return knownTask;
    return { ...knownTask, delivery: numbers.get(knownTask.delivery) ?? knownTask.delivery };
  });
  const deadLetteredAtMs = stored.deadLetteredAtMs ?? known.deadLetteredAtMs;
  const redrivenAs = { ...known.redrivenAs, ...stored.redrivenAs };
  const merged: BatchDocument = {
    ...stored,
    tasks,
    deliveries: trimHistory({ ...stored.deliveries, ...added }, deliveryCount),
    deliveryCount,
    sends: Math.max(stored.sends, known.sends),
    rev: Math.max(stored.rev, known.rev),
    writeIds: [...new Set([...known.writeIds, ...stored.writeIds])],
    ...(deadLetteredAtMs === undefined ? {} : { deadLetteredAtMs }),
    ...(Object.keys(redrivenAs).length === 0 ? {} : { redrivenAs }),
  };
  return stampWrite(stored, merged, write);
}

/** The deliveries that only `known` has. Both histories counted from one, so those get higher numbers where they clash. */
function missingDeliveries(stored: BatchDocument, known: BatchDocument) {
  const taken = new Set(Object.values(stored.deliveries).map(({ number }) => number));
  const counted = [...Object.values(stored.deliveries), ...Object.values(known.deliveries)];
  let last = counted.reduce(
    (highest, { number }) => Math.max(highest, number),
    Math.max(stored.deliveryCount, known.deliveryCount),
  );
  let deliveryCount = Math.max(stored.deliveryCount, known.deliveryCount);
  const added: Record<DeliveryKey, DeliveryRecord> = {};
  const numbers = new Map<number, number>();
  for (const delivery of sortedByNumber(Object.values(known.deliveries))) {
    const entered = withUniqueKey({ ...stored.deliveries, ...added }, delivery);
    const key = deliveryKey(entered);
    const counterpart = stored.deliveries[key];
    const number = counterpart?.number ?? (taken.has(delivery.number) ? (last += 1) : delivery.number);
    if (delivery.endedAtMs !== undefined || !numbers.has(delivery.number))
      numbers.set(delivery.number, number);
    if (counterpart !== undefined && !isMoreComplete(delivery, counterpart)) continue;
    added[key] = { ...entered, number };
    if (delivery.endedAtMs !== undefined) deliveryCount = Math.max(deliveryCount, number);
  }
  return { added, numbers, deliveryCount };
}

/** Whether `record` was written later than `other`, a record of the same delivery: a late answer replaces a failure. */
function isMoreComplete(record: DeliveryRecord, other: DeliveryRecord): boolean {
  const more = outcomesIn(record).length - outcomesIn(other).length;
  return more === 0 ? answersIn(record) > answersIn(other) : more > 0;
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
 * Links dead-lettered tasks to the new tasks that replace them; an existing link stays.
 * @returns `undefined` if there is no link to add
 */
export function linkRedriven(
  batch: BatchDocument,
  newTasks: ReadonlyMap<number, TaskId>,
  write: WriteContext,
): BatchDocument | undefined {
  const links = [...newTasks].filter(
    ([taskIndex]) => isDeadLettered(batch, taskIndex) && batch.redrivenAs?.[taskIndex] === undefined,
  );
  if (links.length === 0) return undefined;
  const redrivenAs = { ...Object.fromEntries(links), ...batch.redrivenAs };
  return stampWrite(batch, { ...batch, redrivenAs }, write);
}

export type CancelRefusal = 'running' | 'terminal';

export function cancelTask(
  batch: BatchDocument,
  taskIndex: number,
  write: WriteContext,
): BatchDocument | CancelRefusal {
  if (isRunning(batch, taskIndex)) return 'running';
  return endOpenTasks(batch, [taskIndex], 'cancelled', write) ?? 'terminal';
}

function endOpenTasks(
  batch: BatchDocument,
  indexes: readonly number[],
  status: 'expired' | 'cancelled',
  write: WriteContext,
): BatchDocument | undefined {
  const open = new Set(indexes.filter((index) => isOpen(batch.tasks[index])));
  if (open.size === 0) return undefined;
  const tasks = batch.tasks.map((task, index): TaskState =>
    open.has(index) ? { status, ...terminalTimes(batch, index, write.nowMs) } : task,
  );
  return stampWrite(batch, { ...batch, tasks }, write);
}

export function terminalTimes(batch: BatchDocument, taskIndex: number, nowMs: number) {
  const totalMs = Math.max(0, nowMs - (batch.inputs[taskIndex]?.acceptedAtMs ?? nowMs));
  return { finishedAtMs: tenths(nowMs), totalMs: tenths(totalMs) };
}

/**
 * Completes every transition: the next revision, the write's id, and the attributes by which indexes find the batch.
 * @param before the document that was read
 * @param changed the same with the transition's changes, at the revision to count on from
 */
export function stampWrite(
  before: BatchDocument,
  changed: BatchDocument,
  write: WriteContext,
): BatchDocument {
  checkTransition(before, changed);
  const { dueAtMs: _dueAtMs, ...rest } = changed;
  const hasFailed = changed.tasks.some((task) => task.status === 'failed');
  return {
    ...rest,
    rev: changed.rev + 1,
    writeIds: [...changed.writeIds, write.writeId].slice(-REMEMBERED_WRITES),
    touchedAtMs: write.nowMs,
    ...(isTerminal(changed)
      ? { expiresAtMs: changed.expiresAtMs ?? write.nowMs + write.retentionMs }
      : { dueAtMs: write.nowMs + 2 * write.visibilityTimeoutMs }),
    ...(hasFailed ? { attentionAtMs: changed.attentionAtMs ?? write.nowMs } : {}),
  };
}

/** Checks what holds for every transition. Tasks are compared by identity: a transition replaces only the tasks that it changes. */
function checkTransition(before: BatchDocument, changed: BatchDocument): void {
  const { id, rev, sends, deliveryCount, tasks } = before;
  invariant(changed.id === id, () => `batch ${id} cannot become batch ${changed.id}`);
  invariant(changed.rev >= rev, () => `batch ${id}: the revision falls from ${rev} to ${changed.rev}`);
  invariant(changed.sends >= sends, () => `batch ${id}: the count of its sends shrinks`);
  invariant(changed.deliveryCount >= deliveryCount, () => `batch ${id}: the count of its deliveries shrinks`);
  invariant(changed.tasks.length === tasks.length, () => `batch ${id}: the number of its tasks changes`);
  tasks.forEach((task, index) => {
    const isUntouched = isOpen(task) || changed.tasks[index] === task;
    invariant(isUntouched, () => `batch ${id}: task ${index} is ${task.status} and cannot change`);
  });
}
