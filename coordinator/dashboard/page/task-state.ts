import type { TaskStatus } from '../../../contracts/http/task-status.js';

/** The same as `isFinalStatus` in the contracts, whose module the page does not load. */
export function isTerminal(status: TaskStatus): boolean {
  return status !== 'queued' && status !== 'running';
}
