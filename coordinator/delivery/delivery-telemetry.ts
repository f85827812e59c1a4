/** The log lines, counters and events of a delivery. */
import { invokeOutcome, tenths } from '../../contracts/batch/batch-state.js';
import type {
  BatchDocument,
  EndedDelivery,
  InvokeRecord,
  RunningDelivery,
  RunningInvoke,
  SharedTaskError,
} from '../../contracts/batch/batch.js';
import { taskIdOf } from '../../contracts/batch/ids.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';

/** For one log line; the history holds the rest. */
const MAX_ERRORS = 5;
const MAX_TASKS_NAMED = 5;

interface Telemetry {
  readonly logger: Logger;
  readonly stats: StatsRecorder;
  readonly measures: Measures;
}

/** The assignment of tasks to a worker. */
export function recordDeliveryStarted(
  { logger }: Telemetry,
  batch: BatchDocument,
  delivery: Pick<RunningDelivery, 'number' | 'cause'>,
  invoke: RunningInvoke,
): void {
  logger.info(
    {
      batchId: batch.id,
      workerId: invoke.workerId,
      delivery: delivery.number,
      retries: delivery.number - 1,
      cause: delivery.cause,
      tasks: invoke.taskIndexes.length,
      requestIds: [...new Set(invoke.taskIndexes.map((index) => batch.inputs[index]?.requestId))],
    },
    'delivery.started',
  );
}

export function recordDeliveryEnded(
  { logger, stats, measures }: Telemetry,
  batch: BatchDocument,
  delivery: EndedDelivery,
): void {
  const { outcome } = delivery;
  const workers = [...new Set(delivery.invokes.map((invoke) => invoke.workerId))];
  const relevant = outcome === 'failed' ? delivery.invokes.filter(hasFailed) : delivery.invokes;
  const faults = [...new Set(relevant.flatMap((invoke) => invoke.fault ?? []))];
  const errors = errorsOf(delivery);
  const [error] = errors;
  const fields = {
    batchId: batch.id,
    workerId: workers.join(','),
    delivery: delivery.number,
    outcome,
    ...(delivery.cause === undefined ? {} : { cause: delivery.cause }),
    ...(faults.length > 0 ? { fault: faults.join(',') } : {}),
    ...(error === undefined ? {} : { error: `${error.code}: ${error.message}` }),
  };
  measures.recordDelivery(outcome, faults);
  stats.count(`deliveries.${outcome}`);
  const latencyMs = tenths(delivery.endedAtMs - delivery.startedAtMs);
  const perTask = errors.length > 1 ? { errors: errors.slice(0, MAX_ERRORS).map(describeError(batch)) } : {};
  const line = { ...fields, ...perTask, retries: delivery.number - 1, latencyMs };
  if (outcome === 'failed') {
    stats.event('delivery.failed', fields);
    logger.warn(line, 'delivery.ended');
  } else {
    logger.info(line, 'delivery.ended');
  }
}

/** Each once, with all tasks that failed of it, in the order in which they came. */
function errorsOf({ invokes }: EndedDelivery): SharedTaskError[] {
  const shared = new Map<string, SharedTaskError>();
  for (const invoke of invokes) {
    const own = invoke.taskIndexes.filter((index) => invokeOutcome(invoke, index) === 'failed');
    const errors =
      invoke.error === undefined ? (invoke.taskErrors ?? []) : [{ ...invoke.error, taskIndexes: own }];
    for (const error of errors) {
      const key = JSON.stringify([error.code, error.message]);
      const taskIndexes = [...(shared.get(key)?.taskIndexes ?? []), ...error.taskIndexes];
      shared.set(key, { ...error, taskIndexes });
    }
  }
  return [...shared.values()];
}

const describeError =
  (batch: BatchDocument) =>
  ({ code, message, taskIndexes }: SharedTaskError) => ({
    code,
    message,
    tasks: taskIndexes.length,
    taskIds: taskIndexes.slice(0, MAX_TASKS_NAMED).map((index) => taskIdOf(batch.id, index)),
  });

/** Some invokes of a delivery may have been answered: what was injected into those explains no failure. */
function hasFailed({ outcome }: InvokeRecord): boolean {
  return outcome === 'failed' || (typeof outcome === 'object' && outcome.includes('failed'));
}

/** Deliveries of which nothing came back: whoever made them died, or stood still for too long. */
export function recordDeliveriesLost(
  { logger, stats, measures }: Telemetry,
  batch: BatchDocument,
  numbers: readonly number[],
): void {
  if (numbers.length === 0) return;
  measures.recordLostDeliveries(numbers.length);
  stats.count('deliveries.lost', numbers.length);
  for (const delivery of numbers) {
    stats.event('delivery.lost', { batchId: batch.id, delivery });
    logger.warn({ batchId: batch.id, delivery }, 'delivery.lost');
  }
}
