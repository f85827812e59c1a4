/** The commit of a delivery: the outcomes of its invokes are entered into the tasks that are still open. */
import { invariant } from '../../contracts/common/invariant.js';
import { terminalTimes, stampWrite, type WriteContext } from './batch-life.js';
import { invokeOutcome, isTerminal, isOpen, tenths } from '../../contracts/batch/batch-state.js';
import {
  deliveryKey,
  type DeliveryKey,
  type BatchDocument,
  type TerminalTask,
  type DeliveryOutcome,
  type DeliveryRecord,
  type InvokeRecord,
  type SharedTaskError,
  type OpenTask,
  type TaskState,
  type TaskError,
  type UncommittedDelivery,
} from '../../contracts/batch/batch.js';
import { withUniqueKey, newlyLost, numberOf, trimHistory, withLostDeliveries } from './delivery-history.js';
import type { SucceededOutcome } from '../../contracts/worker/invoke.js';
import { isWorkerDeath } from './worker-death.js';

/** The outcome of an invoke for one task. `released`: it was not tried. */
export type TaskOutcome =
  | SucceededOutcome
  | { readonly status: 'expired' }
  | { readonly status: 'failed'; readonly error: TaskError; readonly retryable: boolean }
  | { readonly status: 'released' };

/** An outcome that has become known of one invoke of a delivery since the delivery was last written. */
export interface UncommittedOutcome {
  /** Its place in the delivery's `invokes`. */
  readonly index: number;
  readonly outcomes: ReadonlyMap<number, TaskOutcome>;
  /** Milliseconds the function spent in the model. */
  readonly computeMs: number;
}

/** The changes that a delivery's commit made, beside the document itself. */
export interface Commit {
  readonly next: BatchDocument;
  /** The delivery as it stands in the document. */
  readonly record: DeliveryRecord;
  /** Slots that this commit newlyTerminal. */
  readonly newlyTerminal: readonly number[];
  /** Slots whose answer came too late. */
  readonly late: readonly number[];
  /** Deliveries, by number, that this commit entered as lost. */
  readonly lost: readonly number[];
}

/** Enters a delivery and the outcomes of its invokes. Only open tasks change. */
export function commitDelivery(
  read: BatchDocument,
  delivery: UncommittedDelivery,
  uncommitted: readonly UncommittedOutcome[],
  write: WriteContext,
): Commit {
  const batch = withLostDeliveries(read, delivery, write);
  const entered = withUniqueKey(batch.deliveries, delivery);
  const key = deliveryKey(entered);
  const number = numberOf(batch, key);
  const tasks = [...batch.tasks];
  const invokes = [...delivery.invokes];
  const newlyTerminal: number[] = [];
  const late: number[] = [];

  for (const item of uncommitted) {
    const invoke = invokes[item.index];
    if (invoke === undefined) continue;
    const before = batch.deliveries[key]?.invokes[item.index];
    const outcomes = invoke.taskIndexes.map((taskIndex): DeliveryOutcome => {
      const outcome = item.outcomes.get(taskIndex) ?? { status: 'released' };
      const current = tasks[taskIndex];
      if (!isOpen(current)) {
        if (outcome.status !== 'succeeded') return deliveryOutcomeOf(outcome);
        if (isSameAnswer(current, number, invoke)) return 'succeeded';
        late.push(taskIndex);
        return 'late';
      }
      const next = nextTaskState(batch, taskIndex, current, outcome, {
        invoke,
        wasFailed: before !== undefined && invokeOutcome(before, taskIndex) === 'failed',
        number,
        computeMs: item.computeMs,
        nowMs: write.nowMs,
      });
      if (!isOpen(next)) newlyTerminal.push(taskIndex);
      tasks[taskIndex] = next;
      return deliveryOutcomeOf(outcome);
    });
    const taskErrors = invoke.error === undefined ? sharedErrors(item.outcomes) : [];
    invokes[item.index] = {
      ...invoke,
      outcome: allTheSame(outcomes),
      ...(taskErrors.length === 0 ? {} : { taskErrors }),
    };
  }

  const record = stored({ ...entered, number, invokes }, isTerminal({ ...batch, tasks }));
  checkNumber(batch, key, number);
  const deliveryCount = Math.max(batch.deliveryCount, number);
  const deliveries = trimHistory({ ...batch.deliveries, [key]: record }, deliveryCount);
  const lost = newlyLost(read, batch);
  return {
    next: stampWrite(read, { ...batch, tasks, deliveries, deliveryCount }, write),
    record,
    newlyTerminal,
    late,
    lost,
  };
}

/** Answers name their delivery by its number, so no two deliveries that have ended may share one. */
function checkNumber({ id, deliveries }: BatchDocument, key: DeliveryKey, number: number): void {
  const holder = Object.entries(deliveries).find(
    ([other, delivery]) => other !== key && delivery.number === number && delivery.endedAtMs !== undefined,
  );
  invariant(
    holder === undefined,
    () => `batch ${id}: delivery ${key} takes number ${number} of ${holder?.[0]}`,
  );
}

interface AnsweringInvoke {
  readonly invoke: InvokeRecord;
  /** It was recorded as failed before, at its timeout: a late failure is not counted again. */
  readonly wasFailed: boolean;
  readonly number: number;
  readonly computeMs: number;
  readonly nowMs: number;
}

function nextTaskState(
  batch: BatchDocument,
  taskIndex: number,
  current: OpenTask,
  outcome: TaskOutcome,
  by: AnsweringInvoke,
): TaskState {
  const finished = terminalTimes(batch, taskIndex, by.nowMs);
  switch (outcome.status) {
    case 'succeeded':
      return {
        ...outcome,
        workerId: by.invoke.workerId,
        delivery: by.number,
        queueMs: tenths(Math.max(0, by.invoke.startedAtMs - (by.nowMs - finished.totalMs))),
        computeMs: tenths(by.computeMs),
        ...finished,
      } satisfies TerminalTask;
    case 'expired':
      return { status: 'expired', ...finished };
    case 'failed': {
      if (!outcome.retryable) return { status: 'failed', error: outcome.error, ...finished };
      const isAlone = by.invoke.taskIndexes.length === 1 && !by.wasFailed;
      const deaths = (current.workerDeaths ?? 0) + (isWorkerDeath(outcome.error.code) ? 1 : 0);
      return {
        status: 'open',
        failedAlone: current.failedAlone + (isAlone ? 1 : 0),
        ...(deaths === 0 ? {} : { workerDeaths: deaths }),
        lastError: outcome.error,
      };
    }
    case 'released':
      return current;
  }
}

/** Whether this answer was written before: its reply was lost, and its write id was since displaced by later writes. */
function isSameAnswer(task: TaskState | undefined, delivery: number, invoke: InvokeRecord): boolean {
  return task?.status === 'succeeded' && task.delivery === delivery && task.workerId === invoke.workerId;
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

/** Each error once, with the tasks that failed with it. */
function sharedErrors(outcomes: ReadonlyMap<number, TaskOutcome>): SharedTaskError[] {
  const shared = new Map<string, TaskError & { readonly taskIndexes: number[] }>();
  for (const [taskIndex, outcome] of outcomes) {
    if (outcome.status !== 'failed') continue;
    const { code, message } = outcome.error;
    const key = JSON.stringify([code, message]);
    const known = shared.get(key);
    if (known === undefined) shared.set(key, { code, message, taskIndexes: [taskIndex] });
    else known.taskIndexes.push(taskIndex);
  }
  return [...shared.values()];
}

/**
 * As it is stored: nothing comes back of a batch that is finished, and a delivery that has ended is named after the worst
 * that it brought.
 */
function stored(delivery: UncommittedDelivery, isBatchFinished: boolean): DeliveryRecord {
  if (delivery.endedAtMs === undefined) return delivery;
  const { returnedBy, ...rest } = delivery;
  const isKept = returnedBy !== undefined && !isBatchFinished;
  return { ...rest, ...(isKept ? { returnedBy } : {}), outcome: worstOutcome(delivery) };
}

/** Any failure counts as one. */
function worstOutcome({ invokes }: UncommittedDelivery): DeliveryOutcome {
  const outcomes = invokes.flatMap((invoke): readonly DeliveryOutcome[] =>
    [invoke.outcome ?? 'released'].flat(),
  );
  const ranked = ['failed', 'succeeded', 'late'] as const;
  return ranked.find((candidate) => outcomes.includes(candidate)) ?? 'released';
}
