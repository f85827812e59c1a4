/**
 * A batch: the tasks that travel together, stored as one DynamoDB item. The unit of storage, delivery and retry.
 * A task is `open` until it is `succeeded`, `failed`, `expired` or `cancelled`; those four states are terminal and never
 * change. `rev` counts the writes of the document; each is conditional on the `rev` that its writer read. The transitions
 * are in `coordinator/batch`.
 */
import type { Answer } from '../worker/invoke.js';
import type { DeliveryCause, MessageReturn } from './delivery-cause.js';
import type { BatchId, TaskId } from './ids.js';
import type { BatchInput } from './message.js';

export interface TaskError {
  readonly code: string;
  /** At most 256 characters, and fewer in a batch of many tasks. */
  readonly message: string;
}

export interface OpenTask {
  readonly status: 'open';
  /** Failed invokes so far that held this task alone. */
  readonly failedAlone: number;
  /** Failed invokes of this task so far that ended their worker, or its function; absent if there were none. */
  readonly workerDeaths?: number;
  readonly lastError?: TaskError;
}

interface TerminalState {
  readonly finishedAtMs: number;
  /** From admission to the terminal state. */
  readonly totalMs: number;
}

export interface SucceededTask extends TerminalState, Answer {
  readonly status: 'succeeded';
  readonly workerId: string;
  /** Number of the delivery that brought the answer. */
  readonly delivery: number;
  /** From admission to the start of the invoke that answered. */
  readonly queueMs: number;
  /** The model's time for the invoke that answered, its neighbours' included. */
  readonly computeMs: number;
}

export interface FailedTask extends TerminalState {
  readonly status: 'failed';
  readonly error: TaskError;
}

export interface ExpiredTask extends TerminalState {
  readonly status: 'expired';
}

export interface CancelledTask extends TerminalState {
  readonly status: 'cancelled';
}

export type TerminalTask = SucceededTask | FailedTask | ExpiredTask | CancelledTask;
export type TaskState = OpenTask | TerminalTask;

/**
 * The outcome of a task, an invoke or a delivery. `released`: given back without having been tried to the end;
 * `lost`: no record came back; `late`: an answer came for a task that was final already.
 */
export type DeliveryOutcome = 'succeeded' | 'failed' | 'released' | 'lost' | 'late';

interface InvokeStart {
  readonly workerId: string;
  readonly taskIndexes: readonly number[];
  readonly startedAtMs: number;
}

export interface RunningInvoke extends InvokeStart {
  readonly endedAtMs?: never;
  readonly outcome?: never;
  readonly fault?: never;
  readonly error?: never;
  readonly taskErrors?: never;
}

export interface EndedInvoke extends InvokeStart {
  readonly endedAtMs: number;
  /** One outcome for all tasks, or one for each in the order of `taskIndexes`. Absent until it is committed. */
  readonly outcome?: DeliveryOutcome | readonly DeliveryOutcome[];
  /** The injected fault that the worker announced, where it explains the outcome. */
  readonly fault?: string;
  /** Why there was no usable answer. */
  readonly error?: TaskError;
  /** Why tasks failed that the worker did answer. */
  readonly taskErrors?: readonly SharedTaskError[];
}

export type InvokeRecord = RunningInvoke | EndedInvoke;

/** An error, and the tasks that failed of it. */
export interface SharedTaskError extends TaskError {
  readonly taskIndexes: readonly number[];
}

interface DeliveryStart {
  /** SQS message and how often it had been handed out: a delivery's identity. */
  readonly messageId: string;
  readonly receiveCount: number;
  /** From 2, of the further deliveries where the queue handed the message out more than once under one count. */
  readonly duplicate?: number;
  /** From 2, where its message is one that was sent again. */
  readonly send?: number;
  /** The cause of the delivery; absent in what earlier versions stored. */
  readonly cause?: DeliveryCause;
  /** From 1, in the order in which the batch's deliveries became known; final once the delivery has ended. */
  readonly number: number;
  readonly coordinatorId: string;
  /** The open tasks that it carried. */
  readonly taskIndexes: readonly number[];
  readonly startedAtMs: number;
}

export interface RunningDelivery extends DeliveryStart {
  readonly endedAtMs?: never;
  readonly outcome?: never;
  readonly returnedBy?: never;
  readonly invokes: readonly InvokeRecord[];
}

/** A delivery that has ended, as it is before its end is committed: its outcome follows from what it is committed to. */
export interface EndingDelivery extends DeliveryStart {
  readonly endedAtMs: number;
  /** How its message came back; absent where it left no task open, or was lost. */
  readonly returnedBy?: MessageReturn;
  readonly invokes: readonly InvokeRecord[];
}

export interface EndedDelivery extends EndingDelivery {
  readonly outcome: DeliveryOutcome;
}

/** As it is handed to its commit. */
export type UncommittedDelivery = RunningDelivery | EndingDelivery;

/** As it is stored. In a delivery that was lost, invokes may never have ended. */
export type DeliveryRecord = RunningDelivery | EndedDelivery;

/** `messageId/receiveCount`, and `/duplicate` where there is one */
export type DeliveryKey = string;

export function deliveryKey({
  messageId,
  receiveCount,
  duplicate,
}: Pick<DeliveryRecord, 'messageId' | 'receiveCount' | 'duplicate'>): DeliveryKey {
  return `${messageId}/${receiveCount}${duplicate === undefined ? '' : `/${duplicate}`}`;
}

export interface BatchDocument {
  readonly id: BatchId;
  readonly batchNumber: number;
  /** The coordinator that accepted it. */
  readonly coordinatorId: string;
  readonly createdAtMs: number;
  readonly inputs: readonly BatchInput[];
  readonly tasks: readonly TaskState[];
  /** The first 5 and the last 45. */
  readonly deliveries: Readonly<Record<DeliveryKey, DeliveryRecord>>;
  readonly deliveryCount: number;
  readonly rev: number;
  /** Ids of the latest writes, newest last: how a writer whose reply was lost knows its own write. */
  readonly writeIds: readonly string[];
  /** How often its message was sent. */
  readonly sends: number;
  /** The latest send, start or commit. */
  readonly touchedAtMs: number;
  /** When an unfinished batch is presumed lost: its last touch plus two visibility timeouts. Absent once the batch is terminal. */
  readonly dueAtMs?: number;
  /** When a task of it first failed for good: it is then found by `listAttention`. */
  readonly attentionAtMs?: number;
  /** When its message was found in the dead-letter queue with tasks still open. */
  readonly deadLetteredAtMs?: number;
  /** By task index, the new tasks that replace dead-lettered ones. */
  readonly redrivenAs?: Readonly<Record<string, TaskId>>;
  /** When the item may be deleted; set once the batch is terminal. */
  readonly expiresAtMs?: number;
}
