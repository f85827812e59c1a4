/** The history of a batch must tell what happened: who answered, and each delivery under one number. */
import type { BatchDocument, DeliveryRecord, SucceededTask } from '../../contracts/batch/batch.js';

/** @returns what is wrong with it, in words */
export function historyErrors(batch: BatchDocument): string[] {
  const ended = Object.values(batch.deliveries).filter(({ endedAtMs }) => endedAtMs !== undefined);
  const byNumber = new Map<number, DeliveryRecord>();
  const wrong: string[] = [];
  for (const delivery of ended) {
    const other = byNumber.get(delivery.number);
    if (other !== undefined) {
      wrong.push(
        `${batch.id}: ${delivery.messageId}/${delivery.receiveCount} and ` +
          `${other.messageId}/${other.receiveCount} both have number ${delivery.number}`,
      );
    }
    byNumber.set(delivery.number, delivery);
    if (delivery.number > batch.deliveryCount)
      wrong.push(`${batch.id}: delivery ${delivery.number} of ${batch.deliveryCount}`);
  }
  batch.tasks.forEach((slot, index) => {
    if (slot.status !== 'succeeded') return;
    const told = Object.values(batch.deliveries).filter(({ number }) => number === slot.delivery);
    const wasCut = told.length === 0 && Object.keys(batch.deliveries).length < batch.deliveryCount;
    if (!wasCut && !told.some((delivery) => answered(delivery, index, slot)))
      wrong.push(
        `${batch.id}-${index}: answered by delivery ${slot.delivery} at ${slot.workerId}, of which the history ` +
          `says ${JSON.stringify(told)}`,
      );
  });
  return wrong;
}

function answered({ invokes }: DeliveryRecord, index: number, slot: SucceededTask): boolean {
  return invokes.some(({ workerId, taskIndexes: slots, outcome }) => {
    const ofSlot = typeof outcome === 'string' ? outcome : outcome?.[slots.indexOf(index)];
    return workerId === slot.workerId && slots.includes(index) && ofSlot === 'succeeded';
  });
}
