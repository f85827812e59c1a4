/** The log lines, counters and events of a delivery. */
import type { BatchDocument, DeliveryRecord, InvokeRecord } from '../../contracts/batch.js';
import type { Logger } from '../../contracts/ports.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';

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
      tasks: invoke.slots.length,
      requestIds: [...new Set(invoke.slots.map((slot) => batch.inputs[slot]?.requestId))],
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
  const error = delivery.invokes.find((invoke) => invoke.error !== undefined)?.error;
  const fields = {
    batchId: batch.id,
    workerId: workers.join(','),
    delivery: delivery.number,
    outcome,
    ...(faults.length > 0 ? { fault: faults.join(',') } : {}),
    ...(error === undefined ? {} : { error: `${error.code}: ${error.message}` }),
  };
  measures.deliveryEnded(outcome, faults);
  stats.count(`deliveries.${outcome}`);
  const latencyMs =
    Math.round(((delivery.endedAtMs ?? delivery.startedAtMs) - delivery.startedAtMs) * 10) / 10;
  const line = { ...fields, retries: delivery.number - 1, latencyMs };
  if (outcome === 'failed') {
    stats.event('delivery.failed', fields);
    logger.warn(line, 'delivery.ended');
  } else {
    logger.info(line, 'delivery.ended');
  }
}

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
  measures.deliveriesLost(numbers.length);
  stats.count('deliveries.lost', numbers.length);
  for (const delivery of numbers) {
    stats.event('delivery.lost', { batchId: batch.id, delivery });
    logger.warn({ batchId: batch.id, delivery }, 'delivery.lost');
  }
}
