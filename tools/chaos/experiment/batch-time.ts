import { parseTaskId } from '../../../contracts/ids.js';

/** When a task was taken in, epoch milliseconds: its batch's id is a UUIDv7, which begins with it (RFC 9562). */
export function takenInAtMs(taskId: string): number | undefined {
  const batchId = parseTaskId(taskId)?.batchId;
  return batchId === undefined ? undefined : Number.parseInt(batchId.replace('-', '').slice(0, 12), 16);
}
