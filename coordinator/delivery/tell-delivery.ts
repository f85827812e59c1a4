/** The log lines, counters and events of a delivery. */
import { invokeOutcome } from '../../contracts/batch/batch-state.js';
import type {
  BatchDocument,
  DeliveryRecord,
  InvokeRecord,
  SharedTaskError,
} from '../../contracts/batch/batch.js';
import { taskIdOf } from '../../contracts/batch/ids.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';

/** Of a line; what is left out stands in the history. */
const MOST_ERRORS = 5;
const MOST_TASKS_NAMED = 5;

interface Told {
  readonly logger: Logger;
  readonly stats: StatsRecorder;
  readonly measures: Measures;
}

/** The assignment of tasks to a worker. */
export function tellDeliveryStarted(
  { logger }: Told,
  batch: BatchDocument,
  delivery: DeliveryRecord,
  invoke: InvokeRecord,
): void {
  logger.info(
    {
      batchId: batch.id,
      workerId: invoke.workerId,
      delivery: delivery.number,
      retries: delivery.number - 1,
      cause: delivery.cause,
      tasks: invoke.taskIndexes.length,
      requestIds: [...new Set(invoke.taskIndexes.map((slot) => batch.inputs[slot]?.requestId))],
    },
    'delivery.started',
  );
}

export function tellDeliveryEnded(
  { logger, stats, measures }: Told,
  batch: BatchDocument,
  delivery: DeliveryRecord,
): void {
  const outcome = delivery.outcome ?? 'released';
  const workers = [...new Set(delivery.invokes.map((invoke) => invoke.workerId))];
  const meant = outcome === 'failed' ? delivery.invokes.filter(hasFailed) : delivery.invokes;
  const faults = [...new Set(meant.flatMap((invoke) => invoke.fault ?? []))];
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
  const latencyMs =
    Math.round(((delivery.endedAtMs ?? delivery.startedAtMs) - delivery.startedAtMs) * 10) / 10;
  const perTask = errors.length > 1 ? { errors: errors.slice(0, MOST_ERRORS).map(toldError(batch)) } : {};
  const line = { ...fields, ...perTask, retries: delivery.number - 1, latencyMs };
  if (outcome === 'failed') {
    stats.event('delivery.failed', fields);
    logger.warn(line, 'delivery.ended');
  } else {
    logger.info(line, 'delivery.ended');
  }
}

/** Each once, with all tasks that failed of it, in the order in which they came. */
function errorsOf({ invokes }: DeliveryRecord): SharedTaskError[] {
  const shared = new Map<string, SharedTaskError>();
  for (const invoke of invokes) {
    const own = invoke.taskIndexes.filter((slot) => invokeOutcome(invoke, slot) === 'failed');
    const errors =
      invoke.error === undefined ? (invoke.taskErrors ?? []) : [{ ...invoke.error, taskIndexes: own }];
    for (const error of errors) {
      const key = JSON.stringify([error.code, error.message]);
      const slots = [...(shared.get(key)?.taskIndexes ?? []), ...error.taskIndexes];
      shared.set(key, { ...error, taskIndexes: slots });
    }
  }
  return [...shared.values()];
}

const toldError =
  (batch: BatchDocument) =>
  ({ code, message, taskIndexes: slots }: SharedTaskError) => ({
    code,
    message,
    tasks: slots.length,
    taskIds: slots.slice(0, MOST_TASKS_NAMED).map((slot) => taskIdOf(batch.id, slot)),
  });

/** Of a delivery in several invokes some may have been answered: what was injected into those explains no failure. */
function hasFailed({ outcome }: InvokeRecord): boolean {
  return outcome === 'failed' || (typeof outcome === 'object' && outcome.includes('failed'));
}

/** Deliveries of which nothing came back: whoever made them died, or stood still for too long. */
export function tellDeliveriesLost(
  { logger, stats, measures }: Told,
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
