/** The dialog of one task. It follows the page's fragment (`#task=ID`), so that a task has a link and Back closes it. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { h, requireElement } from './dom.js';
import { followTask } from './follow-task.js';
import type { StreamState } from './stream-follower.js';
import { taskFacts, taskDetails, taskResult } from './task-facts.js';
import { timeline } from './timeline.js';
import { badge, STATUS_BADGES } from './badges.js';

const FRAGMENT = /^#task=([0-9a-f-]{30,60})$/;

export function watchFragment(): void {
  const dialog = requireElement('task', HTMLDialogElement);
  let stop: () => void = () => undefined;
  const show = () => {
    stop();
    const [, taskId] = FRAGMENT.exec(location.hash) ?? [];
    if (taskId === undefined) {
      if (dialog.open) dialog.close();
      return;
    }
    stop = showTask(dialog, taskId);
    if (!dialog.open) dialog.showModal();
  };
  dialog.addEventListener('close', () => {
    stop();
    if (FRAGMENT.test(location.hash)) history.replaceState(null, '', location.pathname);
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // a click on the backdrop
  });
  addEventListener('hashchange', show);
  show();
}

function showTask(dialog: HTMLDialogElement, taskId: string): () => void {
  const close = h('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
  close.addEventListener('click', () => dialog.close());
  const status = h('p', { class: 'quiet', role: 'status' }, 'Reading…');
  const body = h('div');
  dialog.replaceChildren(
    h('div', { class: 'dialog-head' }, h('h2', { id: 'task-title' }, 'Task'), status, close),
    body,
  );
  const onTask = (task: TaskView) => {
    status.replaceChildren(badge(STATUS_BADGES[task.status]));
    body.replaceChildren(
      h('blockquote', {}, task.text),
      taskResult(task),
      taskFacts(task),
      h('h3', {}, 'Deliveries'),
      timeline(task, Date.now()),
      taskDetails(task),
    );
  };
  const onState = (state: StreamState) => {
    if (state.kind === 'broken') status.textContent = `${state.problem}; trying again`;
    if (state.kind === 'over' && state.problem !== undefined) {
      status.textContent = '';
      body.replaceChildren(h('p', { class: 'empty' }, 'Task not found, or no longer kept.'));
    }
  };
  return followTask(taskId, onTask, onState);
}
