/** Same text, same answer: what every client was told, and what is stored, against the bare model. */
import { acceptedTasks, type Answer, type Evidence } from '../evidence/evidence.js';
import { includesAnswer, type FinalState } from '../load/records.js';
import { noneOf, type Check } from './check.js';

const TOLERANCE = 1e-5;

export const answersMatchBareModel: Check = (evidence) => {
  let compared = 0;
  const violations: string[] = [];
  for (const task of acceptedTasks(evidence)) {
    const stored = evidence.stored.get(task.taskId);
    const states: readonly FinalState[] = stored === undefined ? task.finals : [...task.finals, stored];
    for (const state of states) {
      if (state.status !== 'succeeded' || !includesAnswer(state)) continue;
      compared += 1;
      const complaint = describeMismatch(state, evidence.bareModel.get(task.text));
      if (complaint !== undefined) violations.push(`${task.taskId}: ${complaint}`);
    }
  }
  const result = noneOf(
    'every answer is the bare model’s (to 1e-5)',
    violations,
    `${compared} answers compared, ${violations.length} differ`,
  );
  return compared > 0 ? result : { ...result, held: false, finding: 'there was no answer to compare' };
};

function describeMismatch({ label, score }: FinalState, expected: Answer | undefined): string | undefined {
  if (expected === undefined) return 'the bare model was never asked for this text';
  const isSame = label === expected.label && Math.abs((score ?? Infinity) - expected.score) <= TOLERANCE;
  return isSame
    ? undefined
    : `${label ?? 'no label'} ${score ?? 'no score'} where the bare model says ${expected.label} ${expected.score}`;
}

export const storedTextMatches: Check = (evidence: Evidence) => {
  const violations = acceptedTasks(evidence).flatMap(({ taskId, text }) => {
    const stored = evidence.stored.get(taskId);
    return stored === undefined || stored.text === text
      ? []
      : [`${taskId} holds "${stored.text}", asked was "${text}"`];
  });
  return noneOf('each id holds the text that was asked', violations, `${violations.length} hold another`);
};
