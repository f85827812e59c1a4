/** Once: one answer, one final state, one set of tasks for a key. */
import { isTerminalStatus } from '../../../contracts/batch/task-status.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import { acceptedTasks, taskResultOf, type Evidence } from '../evidence/evidence.js';
import { sameState, includesAnswer, type FinalState, type TaskRecord } from '../load/records.js';
import { noneOf, type Check } from './check.js';

/** Everything that was ever seen as final of a task, the end included. */
function finalStatesOf(task: TaskRecord, stored: TaskView | undefined): readonly FinalState[] {
  return stored !== undefined && isTerminalStatus(stored.status) ? [...task.finals, stored] : task.finals;
}

export const oneAnswerPerTask: Check = (evidence) => {
  const violations = acceptedTasks(evidence).flatMap((task) => {
    const states = finalStatesOf(task, evidence.stored.get(task.taskId));
    const answers = states.filter((state) => state.status === 'succeeded' && includesAnswer(state));
    return describeDifference(task, answers);
  });
  return noneOf('no task has two different answers', violations, `${violations.length} have`);
};

export const finalStatesUnchanged: Check = (evidence) => {
  const seen = acceptedTasks(evidence).filter(({ finals }) => finals.length > 0);
  const violations = seen.flatMap((task) => {
    const stored = evidence.stored.get(task.taskId);
    return describeDifference(task, stored === undefined ? task.finals : [...task.finals, stored]);
  });
  const finding = `${seen.length} were seen before the end, ${violations.length} changed`;
  return noneOf('no final state changed', violations, finding);
};

/** The first two states that cannot both be true, or nothing. */
function describeDifference({ taskId }: TaskRecord, states: readonly FinalState[]): readonly string[] {
  for (const [index, state] of states.entries()) {
    const other = states.slice(index + 1).find((later) => !sameState(state, later));
    if (other !== undefined) return [`${taskId}: ${print(state)}, then ${print(other)}`];
  }
  return [];
}

/** How often an answer was entered as the task's own: more than once, and one was overwritten. */
export function storedAnswers({ history }: TaskView): number {
  return history.filter(({ outcome }) => outcome === 'succeeded').length;
}

export function lateAnswers({ history }: TaskView): number {
  return history.filter(({ outcome }) => outcome === 'late').length;
}

export const storedOnce: Check = ({ stored }) => {
  const views = [...stored.values()];
  const violations = views
    .filter((view) => storedAnswers(view) > 1)
    .map(({ taskId, history }) => `${taskId}: ${JSON.stringify(history)}`);
  const computed = views.reduce((total, view) => total + lateAnswers(view), 0);
  return noneOf(
    'no answer is stored twice',
    violations,
    `${violations.length} stored twice, ${computed} computed twice`,
  );
};

/** A key is gone with its tasks. */
export const sameKeySameTasks: Check = (evidence: Evidence) => {
  const isGone = new Set(
    acceptedTasks(evidence).flatMap((task) => (taskResultOf(task, evidence) === 'gone' ? [task.taskId] : [])),
  );
  const answered = evidence.keyRepeats.filter(
    ({ before, after }) => after !== undefined && !before.some((taskId) => isGone.has(taskId)),
  );
  const violations = answered
    .filter(({ before, after }) => after?.join() !== before.join())
    .map(({ requestId, before, after }) => `${requestId}: ${before.join()}, then ${after?.join() ?? ''}`);
  return noneOf(
    'the same key gives the same tasks',
    violations,
    `${answered.length === 1 ? '1 key was' : `${answered.length} keys were`} repeated, ${violations.length} gave others`,
  );
};

function print({ status, label, score }: FinalState): string {
  return status === 'succeeded' ? `${label ?? ''} ${score ?? ''}` : status;
}
