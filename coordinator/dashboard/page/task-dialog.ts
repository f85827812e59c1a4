/** One task, by the page's fragment (`#task=ID`), so that it can be linked to and Back closes it. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { h, the } from './dom.js';
import { followTask } from './follow-task.js';
import type { FollowState } from './follow.js';
import { facts, origins, verdict } from './task-facts.js';
import { timeline } from './timeline.js';
import { badge, STATUS_LOOKS } from './words.js';

const FRAGMENT = /^#task=([0-9a-f-]{30,60})$/;

export function watchFragment(): void {
  const dialog = the('task', HTMLDialogElement);
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
    if (event.target === dialog) dialog.close(); // beside it
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
    status.replaceChildren(badge(STATUS_LOOKS[task.status]));
    body.replaceChildren(
      h('blockquote', {}, task.text),
      verdict(task),
      facts(task),
      h('h3', {}, 'Deliveries'),
      timeline(task, Date.now()),
      origins(task),
    );
  };
  const onState = (state: FollowState) => {
    if (state.kind === 'broken') status.textContent = `${state.problem}; trying again`;
    if (state.kind === 'over' && state.problem !== undefined) {
      status.textContent = '';
      body.replaceChildren(h('p', { class: 'empty' }, 'There is no such task, or it is no longer kept.'));
    }
  };
  return followTask(taskId, onTask, onState);
}
