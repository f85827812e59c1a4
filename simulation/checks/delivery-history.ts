/** Checks the delivery history of a batch: it names the worker of each answer, and each delivery has its own number. */
import type { BatchDocument, DeliveryRecord, SucceededTask } from '../../contracts/batch/batch.js';

/** @returns a description of each error */
export function historyErrors(batch: BatchDocument): string[] {
  const ended = Object.values(batch.deliveries).filter(({ endedAtMs }) => endedAtMs !== undefined);
  const byNumber = new Map<number, DeliveryRecord>();
  const errors: string[] = [];
  for (const delivery of ended) {
    const other = byNumber.get(delivery.number);
    if (other !== undefined) {
      errors.push(
        `${batch.id}: ${delivery.messageId}/${delivery.receiveCount} and ` +
          `${other.messageId}/${other.receiveCount} both have number ${delivery.number}`,
      );
    }
    byNumber.set(delivery.number, delivery);
    if (delivery.number > batch.deliveryCount)
      errors.push(`${batch.id}: delivery ${delivery.number} of ${batch.deliveryCount}`);
  }
  batch.tasks.forEach((task, index) => {
    if (task.status !== 'succeeded') return;
    const named = Object.values(batch.deliveries).filter(({ number }) => number === task.delivery);
    const wasTrimmed = named.length === 0 && Object.keys(batch.deliveries).length < batch.deliveryCount;
    if (!wasTrimmed && !named.some((delivery) => answered(delivery, index, task)))
      errors.push(
        `${batch.id}-${index}: answered by delivery ${task.delivery} at ${task.workerId}, of which the history ` +
          `says ${JSON.stringify(named)}`,
      );
  });
  return errors;
}

function answered({ invokes }: DeliveryRecord, index: number, task: SucceededTask): boolean {
  return invokes.some(({ workerId, taskIndexes: slots, outcome }) => {
    const ofSlot = typeof outcome === 'string' ? outcome : outcome?.[slots.indexOf(index)];
    return workerId === task.workerId && slots.includes(index) && ofSlot === 'succeeded';
  });
}
