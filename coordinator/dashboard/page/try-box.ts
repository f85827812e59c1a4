/** The form that sends a sentence: the request returns at once, and the page then follows the task to its result. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { ApiProblem, call } from './api.js';
import { h, requireElement } from './dom.js';
import { followTask } from './follow-task.js';
import { taskFacts, taskResult } from './task-facts.js';
import { timeline } from './timeline.js';
import { badge, STATUS_BADGES } from './badges.js';
import { isTerminalStatus } from '../../../contracts/batch/task-status.js';

export function wireTryBox(): void {
  const form = requireElement('try', HTMLFormElement);
  const text = requireElement('text', HTMLTextAreaElement);
  const container = requireElement('answer', HTMLDivElement);
  let stop: () => void = () => undefined;
  const send = async () => {
    stop();
    container.replaceChildren(h('p', { class: 'quiet' }, 'Sending…'));
    try {
      const taskId = await submit(text.value);
      stop = followTask(
        taskId,
        (task) => show(container, task),
        (state) => {
          if (state.kind === 'broken')
            container.append(h('p', { class: 'problem' }, `${state.problem}; trying again`));
        },
      );
    } catch (error) {
      container.replaceChildren(h('p', { class: 'problem' }, reasonOf(error)));
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

async function submit(text: string): Promise<string> {
  const response = await call('/infer', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify({ text }),
  });
  const { tasks } = (await response.json()) as { tasks: { taskId: string }[] };
  const [task] = tasks;
  if (task === undefined) throw new Error('the response contains no task');
  return task.taskId;
}

function show(container: HTMLElement, task: TaskView): void {
  const result = isTerminalStatus(task.status)
    ? taskResult(task)
    : h('p', { class: 'verdict' }, badge(STATUS_BADGES[task.status], '…'));
  const link = h('a', { href: `#task=${task.taskId}` }, 'All details');
  container.replaceChildren(
    result,
    taskFacts(task),
    ...(task.deliveries > 1 || !isTerminalStatus(task.status) ? [timeline(task, Date.now())] : []),
    h('p', { class: 'quiet' }, link),
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ApiProblem)) return 'The coordinator does not answer. Is it running?';
  const wait =
    error.retryAfterMs === undefined ? '' : ` Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`;
  return `${error.message}.${wait}`;
}
