/** The status of a task as the API names it. */
export const TASK_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'expired', 'cancelled'] as const;

export type TaskStatus = (typeof TASK_STATUSES)[number];

export function isTerminalStatus(status: TaskStatus): boolean {
  return status !== 'queued' && status !== 'running';
}
