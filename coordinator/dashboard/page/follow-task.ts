/** Calls back whenever a task changes, until it is in a terminal state. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { StreamFollower, type StreamState } from './stream-follower.js';
import { isTerminalStatus } from '../../../contracts/batch/task-status.js';

export function followTask(
  taskId: string,
  onTask: (task: TaskView) => void,
  onState: (state: StreamState) => void,
): () => void {
  let done = false;
  const follower = new StreamFollower({
    path: `/tasks/${encodeURIComponent(taskId)}/events`,
    isDone: () => done,
    onState,
    onEvent: ({ event, data }) => {
      if (event !== 'task') return;
      const task = JSON.parse(data) as TaskView; // trusted: this page comes from the same coordinator
      done = isTerminalStatus(task.status);
      onTask(task);
    },
  });
  follower.start();
  return () => follower.stop();
}
