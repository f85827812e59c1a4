/** A right answer to `POST /infer`, as a schema. */
import { z } from 'zod';

export interface Answer {
  readonly label: string;
  readonly score: number;
}

/** Same text, same answer: whatever the batch, the worker or the delivery. */
const SCORE_TOLERANCE = 1e-5;

const taskSchema = z.object({
  status: z.string(),
  label: z.string().optional(),
  score: z.number().optional(),
});
const manySchema = z.object({ tasks: z.array(taskSchema) });

type AnsweredTask = z.infer<typeof taskSchema>;

export interface HttpReply {
  readonly statusCode: number;
  readonly body: string;
}

/** Returns what is wrong with the answer, one complaint for each text that did not get its due; empty when all is well. */
export function complaintsAbout(
  { statusCode, body }: HttpReply,
  textCount: number,
  expected?: readonly Answer[],
): readonly string[] {
  const forAll = (complaint: string): readonly string[] => new Array<string>(textCount).fill(complaint);
  if (statusCode !== 200) return forAll(`status ${statusCode}: ${body.slice(0, 200)}`);
  const tasks = readTasks(body, textCount);
  if (tasks?.length !== textCount) return forAll(`an unexpected body: ${body.slice(0, 200)}`);
  return tasks.flatMap((task, index) => complaintAbout(task, expected?.[index]) ?? []);
}

function readTasks(body: string, textCount: number): readonly AnsweredTask[] | undefined {
  const json = parseJson(body);
  if (textCount > 1) return manySchema.safeParse(json).data?.tasks;
  const one = taskSchema.safeParse(json).data;
  return one && [one];
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // which no schema takes
  }
}

function complaintAbout(task: AnsweredTask, expected?: Answer): string | undefined {
  if (task.status !== 'succeeded') return `a task is ${task.status}`;
  if (expected === undefined) return undefined;
  const { label = 'none', score = NaN } = task;
  const isRight = label === expected.label && Math.abs(score - expected.score) <= SCORE_TOLERANCE;
  return isRight
    ? undefined
    : `${label} ${score} where the bare model says ${expected.label} ${expected.score}`;
}
