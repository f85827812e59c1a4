/** Questions about the tasks of a batch that its document answers. */
import type { BatchDocument, DeliveryOutcome, InvokeRecord, OpenTask, TaskState } from './batch.js';

export function isOpen(task: TaskState | undefined): task is OpenTask {
  return task?.status === 'open';
}

export function openTaskIndexes(batch: BatchDocument): number[] {
  return batch.tasks.flatMap((task, index) => (isOpen(task) ? [index] : []));
}

export function isTerminal(batch: BatchDocument): boolean {
  return !batch.tasks.some(isOpen);
}

export function holdsWrite(batch: BatchDocument, writeId: string): boolean {
  return batch.writeIds.includes(writeId);
}

/** A task is running when it is open and a delivery that holds it has been recorded as started and not as ended. */
export function isRunning(batch: BatchDocument, taskIndex: number): boolean {
  return (
    isOpen(batch.tasks[taskIndex]) &&
    Object.values(batch.deliveries).some(
      (delivery) => delivery.endedAtMs === undefined && delivery.taskIndexes.includes(taskIndex),
    )
  );
}

/** Whether the task was failed because its message was given up, not by an answer before that. */
export function isDeadLettered({ tasks, deadLetteredAtMs }: BatchDocument, taskIndex: number): boolean {
  const task = tasks[taskIndex];
  return (
    task?.status === 'failed' &&
    deadLetteredAtMs !== undefined &&
    task.finishedAtMs >= tenths(deadLetteredAtMs)
  );
}

/** Finer times than a tenth of a millisecond only make items larger. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Returns the outcome of one task in an invoke; `undefined` while it runs. */
export function invokeOutcome(
  { taskIndexes, outcome }: InvokeRecord,
  taskIndex: number,
): DeliveryOutcome | undefined {
  return typeof outcome === 'string' ? outcome : outcome?.[taskIndexes.indexOf(taskIndex)];
}
