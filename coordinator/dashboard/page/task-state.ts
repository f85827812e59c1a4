import type { TaskStatus } from '../../../contracts/http/task-status.js';

/** As `isFinalStatus` of the contracts, which a page cannot load. */
export function isFinal(status: TaskStatus): boolean {
  return status !== 'queued' && status !== 'running';
}
