/** Nothing accepted is lost: every task that a client holds an id of has come to an end. */
import {
  acceptedTasks,
  countTaskResults,
  taskResultOf,
  type Evidence,
  type TaskResult,
} from '../evidence/evidence.js';
import { noneOf, type Check } from './check.js';

/** Without this, a run in which nobody was served would hold. */
export const somethingWasAccepted: Check = (evidence) => {
  const accepted = acceptedTasks(evidence).length;
  return {
    name: 'tasks were accepted',
    held: accepted > 0,
    finding: accepted === 1 ? '1 was' : `${accepted} were`,
    examples: [],
  };
};

export const acceptedTasksAccountedFor: Check = (evidence) => {
  const { succeeded, failed, expired, cancelled, open, gone, lost: missing } = countTaskResults(evidence);
  const accepted = acceptedTasks(evidence).length;
  const ended = succeeded + failed + expired + cancelled;
  const apart = gone === 0 ? '' : ` + ${gone} of a coordinator that died before the stack was emptied`;
  const rest = open + missing === 0 ? '' : `; ${open} are unfinished, ${missing} lost`;
  return {
    name: 'accepted = succeeded + failed + expired + cancelled',
    held: accepted === ended + gone,
    finding: `${accepted} = ${succeeded} + ${failed} + ${expired} + ${cancelled}${apart}${rest}`,
    examples: tasksWithResult('open', evidence),
  };
};

export const noTaskLost: Check = (evidence) => {
  const violations = acceptedTasks(evidence).filter((task) => taskResultOf(task, evidence) === 'lost');
  return noneOf('nothing accepted is lost', tasksWithResult('lost', evidence), `${violations.length} lost`);
};

/** Under a key, or after a refusal, a client may repeat: in the end it is answered. */
export const repeatedRequestsAnswered: Check = ({ requests }) => {
  const repeaters = requests.filter(
    ({ planned, sends, state }) => planned.keyed || (sends > 1 && state !== 'unknown'),
  );
  const unserved = repeaters.filter(({ state }) => state !== 'accepted');
  return noneOf(
    'who repeats is answered in the end',
    unserved.map(
      ({ requestId, state, sends, problem }) =>
        `${requestId} is ${state} after ${sends} tries: ${problem ?? ''}`,
    ),
    `${repeaters.length} had a key or were refused before, ${unserved.length} never got an answer`,
  );
};

export const healthyAfterHeal: Check = ({ healthProblem }) => ({
  name: 'the system is well again after it was healed',
  held: healthProblem === undefined,
  finding: healthProblem ?? 'ready, its workers up',
  examples: [],
});

function tasksWithResult(result: TaskResult, evidence: Evidence): readonly string[] {
  return acceptedTasks(evidence)
    .filter((task) => taskResultOf(task, evidence) === result)
    .map(({ taskId, told }) => `${taskId} is ${result}, its client was told ${told?.status ?? 'nothing yet'}`)
    .slice(0, 5);
}
