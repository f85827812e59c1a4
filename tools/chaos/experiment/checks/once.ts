/** Once: one answer, one final state, one set of tasks for a key. */
import { isFinalStatus, type TaskView } from '../../../../contracts/task-view.js';
import type { Check } from '../checks.js';
import { acceptedTasks, type Evidence } from '../evidence.js';
import { sameState, tellsAnswer, type FinalState, type TaskRecord } from '../records.js';
import { noneOf } from './result.js';

/** Everything that was ever seen as final of a task, the end included. */
function finalStatesOf(task: TaskRecord, stored: TaskView | undefined): readonly FinalState[] {
  return stored !== undefined && isFinalStatus(stored.status) ? [...task.finals, stored] : task.finals;
}

export const oneAnswer: Check = (evidence) => {
  const violations = acceptedTasks(evidence).flatMap((task) => {
    const answers = finalStatesOf(task, evidence.stored.get(task.taskId)).filter(
      (state) => state.status === 'succeeded' && tellsAnswer(state),
    );
    const [first] = answers;
    if (first === undefined) return [];
    const other = answers.find((answer) => !sameState(answer, first));
    return other === undefined ? [] : [`${task.taskId}: ${print(first)}, then ${print(other)}`];
  });
  return noneOf('no task has two different answers', violations, `${violations.length} have`);
};

export const finalStates: Check = (evidence) => {
  const violations = acceptedTasks(evidence).flatMap((task) => {
    const stored = evidence.stored.get(task.taskId);
    const [first, ...later] = finalStatesOf(task, stored);
    if (first === undefined) return [];
    const reopened = stored !== undefined && !isFinalStatus(stored.status) ? [stored] : [];
    const other = [...later, ...reopened].find((state) => !sameState(state, first));
    return other === undefined ? [] : [`${task.taskId}: ${print(first)}, then ${print(other)}`];
  });
  const seen = acceptedTasks(evidence).filter(({ finals }) => finals.length > 0).length;
  return noneOf(
    'no final state changed',
    violations,
    `${seen} were seen before the end, ${violations.length} changed`,
  );
};

/** How often an answer was entered as the task's own: more than once, and one was overwritten. */
export function storedAnswers({ history }: TaskView): number {
  return history.filter(({ outcome }) => outcome === 'succeeded').length;
}

export function computedForNothing({ history }: TaskView): number {
  return history.filter(({ outcome }) => outcome === 'late').length;
}

export const storedOnce: Check = ({ stored }) => {
  const views = [...stored.values()];
  const violations = views
    .filter((view) => storedAnswers(view) > 1)
    .map(({ taskId, history }) => `${taskId}: ${JSON.stringify(history)}`);
  const computed = views.reduce((total, view) => total + computedForNothing(view), 0);
  return noneOf(
    'no answer is stored twice',
    violations,
    `${violations.length} stored twice, ${computed} computed twice`,
  );
};

export const sameKey: Check = ({ keyRepeats }: Evidence) => {
  const answered = keyRepeats.filter(({ after }) => after !== undefined);
  const violations = answered
    .filter(({ before, after }) => after?.join() !== before.join())
    .map(({ requestId, before, after }) => `${requestId}: ${before.join()}, then ${after?.join() ?? ''}`);
  return noneOf(
    'the same key gives the same tasks',
    violations,
    `${answered.length} keys were repeated, ${violations.length} gave others`,
  );
};

function print({ status, label, score }: FinalState): string {
  return status === 'succeeded' ? `${label ?? ''} ${score ?? ''}` : status;
}
