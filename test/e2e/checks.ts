/** Checks of everything that was answered: correct, once, and recorded as it was said. */
import { expect } from 'vitest';
import { bundledModelFolder } from '../../functions/sentiment/bundled-model.js';
import { loadClassifier } from '../../functions/sentiment/classifier.js';
import { getTask, type Answer, type Answered, type Task } from './clients.js';
import type { System } from './system.js';

/** The design's own bound on how much one text's answers may differ. */
const SAME_SCORE = 1e-5;

export interface Expected {
  readonly label: string;
  readonly score: number;
}

export type Oracle = (text: string) => Expected;

/** The bare model's answers to these texts, each asked alone, in this process. */
export async function askBareModel(texts: readonly string[]): Promise<Oracle> {
  const classifier = await loadClassifier(bundledModelFolder());
  const known = new Map<string, Expected>();
  for (const text of texts) {
    const [result] = (await classifier.classify([text])).results;
    if (result === undefined || !('label' in result)) throw new Error(`the model has no answer for ${text}`);
    known.set(text, result);
  }
  return (text) => {
    const expected = known.get(text);
    if (expected === undefined) throw new Error(`the model was not asked: ${text}`);
    return expected;
  };
}

/** Texts whose answer is not the bare model's: there must be none. */
export function wrongAnswers(answered: readonly Answered[], oracle: Oracle): string[] {
  return answered.flatMap(({ text, answer }) => {
    const { label, score } = oracle(text);
    const isRight =
      answer.status === 'succeeded' &&
      answer.label === label &&
      Math.abs((answer.score ?? Infinity) - score) <= SAME_SCORE;
    return isRight ? [] : [`${text}: ${JSON.stringify(answer)} instead of ${label} ${score}`];
  });
}

/** The part of a task that must never change once it is terminal. */
export function finalPart({ taskId, status, label, score, workerId, timings }: Answer) {
  return { taskId, status, label, score, workerId, timings };
}

export async function tasksOf(
  coordinatorUrl: string,
  answered: readonly Answered[],
): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for (let start = 0; start < answered.length; start += 20) {
    const some = answered.slice(start, start + 20);
    tasks.push(...(await Promise.all(some.map(({ answer }) => getTask(coordinatorUrl, answer.taskId)))));
  }
  return tasks;
}

/** Each task stands in the database as its client was told, and belongs to the text that was asked. */
export function expectAsAnswered(tasks: readonly Task[], answered: readonly Answered[]): void {
  expect(tasks.map(finalPart)).toEqual(answered.map(({ answer }) => finalPart(answer)));
  expect(tasks.map(({ text, requestId }) => ({ text, requestId }))).toEqual(
    answered.map(({ text, requestId }) => ({ text, requestId })),
  );
}

/** One task for each text, each of which became final once. */
export function expectOnce(system: System, answered: readonly Answered[]): void {
  const taskIds = answered.map(({ answer }) => answer.taskId);
  expect(new Set(taskIds).size).toBe(taskIds.length);
  const requests = new Set(answered.map(({ requestId }) => requestId));
  const finals = system.logLines('task.final').filter((line) => requests.has(String(line['requestId'])));
  expect(finals.map((line) => String(line['taskId'])).sort()).toEqual(taskIds.sort());
}

/** Tasks whose deliveries do not add up: numbered from 1, and one of them brought the answer. */
export function inconsistentHistories(tasks: readonly Task[]): string[] {
  return tasks.flatMap(({ taskId, workerId, deliveries, history }) => {
    const numbers = history.map(({ number }) => number);
    const isNumbered =
      numbers.length === deliveries && numbers.every((number, index) => number === index + 1);
    const answering = history.filter(({ outcome }) => outcome === 'succeeded');
    const isAnswered = answering.length === 1 && answering[0]?.workerId === workerId;
    return isNumbered && isAnswered ? [] : [`${taskId}: ${JSON.stringify(history)}`];
  });
}
