/** What a batch's document says of its tasks. */
import type { BatchDocument, DeliveryOutcome, InvokeRecord, OpenSlot, Slot } from './batch.js';

export function isOpen(slot: Slot | undefined): slot is OpenSlot {
  return slot?.status === 'open';
}

export function openSlots(batch: BatchDocument): number[] {
  return batch.slots.flatMap((slot, index) => (isOpen(slot) ? [index] : []));
}

export function isFinished(batch: BatchDocument): boolean {
  return !batch.slots.some(isOpen);
}

export function holdsWrite(batch: BatchDocument, writeId: string): boolean {
  return batch.writeIds.includes(writeId);
}

/** A task is running when it is open and a delivery that holds it has been recorded as started and not as ended. */
export function isRunning(batch: BatchDocument, slot: number): boolean {
  return (
    isOpen(batch.slots[slot]) &&
    Object.values(batch.deliveries).some(
      (delivery) => delivery.endedAtMs === undefined && delivery.slots.includes(slot),
    )
  );
}

/** Whether the task was failed because its message was given up, not by an answer before that. */
export function isDeadLettered({ slots, deadLetteredAtMs }: BatchDocument, slot: number): boolean {
  const state = slots[slot];
  return (
    state?.status === 'failed' &&
    deadLetteredAtMs !== undefined &&
    state.finishedAtMs >= tenths(deadLetteredAtMs)
  );
}

/** Finer times than a tenth of a millisecond only make items larger. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** What became of one task in an invoke; `undefined` while it runs. */
export function invokeOutcome({ slots, outcome }: InvokeRecord, slot: number): DeliveryOutcome | undefined {
  return typeof outcome === 'string' ? outcome : outcome?.[slots.indexOf(slot)];
}
