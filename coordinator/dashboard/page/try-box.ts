/** A sentence of one's own: sent without waiting, then followed from the queue to its answer. */
import type { TaskView } from '../../../contracts/http/answers.js';
import { ApiProblem, call } from './api.js';
import { h, the } from './dom.js';
import { followTask } from './follow-task.js';
import { facts, verdict } from './task-facts.js';
import { timeline } from './timeline.js';
import { badge, STATUS_LOOKS } from './words.js';
import { isFinal } from './task-state.js';

export function wireTryBox(): void {
  const form = the('try', HTMLFormElement);
  const text = the('text', HTMLTextAreaElement);
  const place = the('answer', HTMLDivElement);
  let stop: () => void = () => undefined;
  const send = async () => {
    stop();
    place.replaceChildren(h('p', { class: 'quiet' }, 'Sending…'));
    try {
      const taskId = await submit(text.value);
      stop = followTask(
        taskId,
        (task) => show(place, task),
        (state) => {
          if (state.kind === 'broken')
            place.append(h('p', { class: 'problem' }, `${state.problem}; trying again`));
        },
      );
    } catch (error) {
      place.replaceChildren(h('p', { class: 'problem' }, reasonOf(error)));
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
  if (task === undefined) throw new Error('the answer names no task');
  return task.taskId;
}

function show(place: HTMLElement, task: TaskView): void {
  const head = isFinal(task.status)
    ? verdict(task)
    : h('p', { class: 'verdict' }, badge(STATUS_LOOKS[task.status], '…'));
  const more = h('a', { href: `#task=${task.taskId}` }, 'All of it');
  place.replaceChildren(
    head,
    facts(task),
    ...(task.deliveries > 1 || !isFinal(task.status) ? [timeline(task, Date.now())] : []),
    h('p', { class: 'quiet' }, more),
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ApiProblem)) return 'The coordinator does not answer. Is it running?';
  const wait =
    error.retryAfterMs === undefined ? '' : ` Come back in ${Math.ceil(error.retryAfterMs / 1000)} s.`;
  return `${error.message}.${wait}`;
}
