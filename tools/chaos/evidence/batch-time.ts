import { givenAtMs, parseTaskId } from '../../../contracts/batch/ids.js';

/** When a task was taken in, epoch milliseconds. */
export function acceptedAtMsOf(taskId: string): number | undefined {
  const batchId = parseTaskId(taskId)?.batchId;
  return batchId === undefined ? undefined : givenAtMs(batchId);
}
