/** A task, told of again whenever it changes, until it is final. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { Follower, type FollowState } from './follow.js';
import { isFinal } from './task-state.js';

export function followTask(
  taskId: string,
  onTask: (task: TaskView) => void,
  onState: (state: FollowState) => void,
): () => void {
  let done = false;
  const follower = new Follower({
    path: `/tasks/${encodeURIComponent(taskId)}/events`,
    isDone: () => done,
    onState,
    onEvent: ({ event, data }) => {
      if (event !== 'task') return;
      const task = JSON.parse(data) as TaskView; // of the coordinator that serves this page
      done = isFinal(task.status);
      onTask(task);
    },
  });
  follower.start();
  return () => follower.stop();
}
