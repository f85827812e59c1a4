/** A task as readers see it, made from the batch's document alone. */
import type {
  BatchDocument,
  DeliveryOutcome,
  DeliveryRecord,
  InvokeRecord,
  TaskError,
} from '../batch/batch.js';
import type { HistoryEntry, TaskAnswer, TaskView } from './answers.js';
import { causeOfTask } from '../batch/delivery-cause.js';
import { invokeOutcome, isDeadLettered, isRunning } from '../batch/batch-state.js';
import { taskIdOf } from '../batch/ids.js';
import type { BatchInput } from '../batch/message.js';

/** The short form, as `POST /infer` answers it. */
export function taskAnswer(batch: BatchDocument, taskIndex: number): TaskAnswer {
  const state = taskStateOf(batch, taskIndex);
  const taskId = taskIdOf(batch.id, taskIndex);
  const deliveries = deliveriesOf(batch, taskIndex).length;
  switch (state.status) {
    case 'open': {
      const status = isRunning(batch, taskIndex) ? 'running' : 'queued';
      return { taskId, status, deliveries, ...(state.lastError ? { error: state.lastError } : {}) };
    }
    case 'succeeded':
      return {
        taskId,
        status: state.status,
        label: state.label,
        score: state.score,
        deliveries,
        workerId: state.workerId,
        timings: {
          queueMs: tenths(state.queueMs),
          computeMs: tenths(state.computeMs),
          totalMs: tenths(state.totalMs),
        },
      };
    case 'failed':
      return {
        taskId,
        status: state.status,
        error: state.error,
        deliveries,
        timings: { totalMs: tenths(state.totalMs) },
      };
    case 'expired':
    case 'cancelled':
      return { taskId, status: state.status, deliveries, timings: { totalMs: tenths(state.totalMs) } };
  }
}

/** The whole task, with the history of its deliveries. */
export function taskView(batch: BatchDocument, taskIndex: number): TaskView {
  const input = batch.inputs[taskIndex];
  const state = taskStateOf(batch, taskIndex);
  if (input === undefined) throw new RangeError(`batch ${batch.id} has no task ${taskIndex}`);
  return {
    ...taskAnswer(batch, taskIndex),
    batchId: batch.id,
    requestId: input.requestId,
    text: input.text,
    createdAt: iso(input.acceptedAtMs),
    ...(state.status === 'open' ? {} : { finishedAt: iso(state.finishedAtMs) }),
    ...(input.deadlineAtMs === undefined ? {} : { deadlineAt: iso(input.deadlineAtMs) }),
    ...deadLetterOf(batch, taskIndex),
    ...(input.redriveOf === undefined ? {} : { redriveOf: input.redriveOf }),
    sends: batch.sends,
    history: deliveriesOf(batch, taskIndex).map((delivery) => historyEntry(delivery, taskIndex, input)),
  };
}

function deadLetterOf(
  batch: BatchDocument,
  taskIndex: number,
): Pick<TaskView, 'deadLetteredAt' | 'redrivenAs'> {
  if (batch.deadLetteredAtMs === undefined || !isDeadLettered(batch, taskIndex)) return {};
  const redrivenAs = batch.redrivenAs?.[taskIndex];
  return {
    deadLetteredAt: iso(batch.deadLetteredAtMs),
    ...(redrivenAs === undefined ? {} : { redrivenAs }),
  };
}

function taskStateOf(batch: BatchDocument, taskIndex: number) {
  const state = batch.tasks[taskIndex];
  if (state === undefined) throw new RangeError(`batch ${batch.id} has no task ${taskIndex}`);
  return state;
}

function deliveriesOf(batch: BatchDocument, taskIndex: number): DeliveryRecord[] {
  return Object.values(batch.deliveries)
    .filter((delivery) => delivery.taskIndexes.includes(taskIndex))
    .toSorted((a, b) => a.number - b.number);
}

function historyEntry(delivery: DeliveryRecord, taskIndex: number, input: BatchInput): HistoryEntry {
  const invoke = delivery.invokes.findLast((candidate) => candidate.taskIndexes.includes(taskIndex));
  const endedAtMs = invoke?.endedAtMs ?? delivery.endedAtMs;
  const outcome = (invoke && invokeOutcome(invoke, taskIndex)) ?? withoutInvoke(delivery);
  const error = invoke && invokeError(invoke, taskIndex);
  return {
    number: delivery.number,
    ...(delivery.cause === undefined ? {} : { cause: causeOfTask(delivery.cause, input) }),
    ...(invoke ? { workerId: invoke.workerId } : {}),
    startedAt: iso(invoke?.startedAtMs ?? delivery.startedAtMs),
    ...(endedAtMs === undefined ? {} : { endedAt: iso(endedAtMs) }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(invoke?.fault === undefined ? {} : { fault: invoke.fault }),
    ...(error === undefined ? {} : { error }),
  };
}

function invokeError({ error, taskErrors }: InvokeRecord, taskIndex: number): TaskError | undefined {
  if (error !== undefined) return error;
  const own = taskErrors?.find(({ taskIndexes }) => taskIndexes.includes(taskIndex));
  return own && { code: own.code, message: own.message };
}

/** The outcome of a delivery for a task that it never invoked: if it ended, it released the task. */
function withoutInvoke({ outcome }: DeliveryRecord): DeliveryOutcome | undefined {
  return outcome === undefined || outcome === 'lost' ? outcome : 'released';
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
const tenths = (value: number): number => Math.round(value * 10) / 10;
