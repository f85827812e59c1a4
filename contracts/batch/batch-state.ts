/** What a batch's document says of its tasks. */
import type { BatchDocument, DeliveryOutcome, InvokeRecord, OpenTask, TaskState } from './batch.js';

export function isOpen(slot: TaskState | undefined): slot is OpenTask {
  return slot?.status === 'open';
}

export function openTaskIndexes(batch: BatchDocument): number[] {
  return batch.tasks.flatMap((slot, index) => (isOpen(slot) ? [index] : []));
}

export function isTerminal(batch: BatchDocument): boolean {
  return !batch.tasks.some(isOpen);
}

export function holdsWrite(batch: BatchDocument, writeId: string): boolean {
  return batch.writeIds.includes(writeId);
}

/** A task is running when it is open and a delivery that holds it has been recorded as started and not as ended. */
export function isRunning(batch: BatchDocument, slot: number): boolean {
  return (
    isOpen(batch.tasks[slot]) &&
    Object.values(batch.deliveries).some(
      (delivery) => delivery.endedAtMs === undefined && delivery.taskIndexes.includes(slot),
    )
  );
}

/** Whether the task was failed because its message was given up, not by an answer before that. */
export function isDeadLettered({ tasks: slots, deadLetteredAtMs }: BatchDocument, slot: number): boolean {
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
export function invokeOutcome(
  { taskIndexes: slots, outcome }: InvokeRecord,
  slot: number,
): DeliveryOutcome | undefined {
  return typeof outcome === 'string' ? outcome : outcome?.[slots.indexOf(slot)];
}
