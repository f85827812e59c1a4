/** Clients of the coordinator. */
import { z } from 'zod';
import { eventually } from '../support/eventually.js';
import { PATIENCE } from './system.js';

const answerSchema = z.looseObject({
  taskId: z.string(),
  status: z.string(),
  label: z.string().optional(),
  score: z.number().optional(),
  workerId: z.string().optional(),
  timings: z.record(z.string(), z.number()).optional(),
});
const taskSchema = answerSchema.extend({
  text: z.string(),
  requestId: z.string(),
  deliveries: z.number(),
  history: z.array(
    z.looseObject({ number: z.number(), workerId: z.string().optional(), outcome: z.string().optional() }),
  ),
});
const manySchema = z.looseObject({ tasks: z.array(answerSchema) });
const workersSchema = z.object({
  workers: z.array(
    z.looseObject({ id: z.string(), state: z.string(), startedAt: z.string(), faults: z.string() }),
  ),
});

export type Answer = z.infer<typeof answerSchema>;
export type Task = z.infer<typeof taskSchema>;

/** A text and the answer that its client was given. */
export interface Answered {
  readonly text: string;
  readonly requestId: string;
  readonly answer: Answer;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export async function call(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export function post(
  coordinatorUrl: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return call(`${coordinatorUrl}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

export async function getTask(coordinatorUrl: string, taskId: string): Promise<Task> {
  const { status, body } = await call(`${coordinatorUrl}/tasks/${taskId}`);
  if (status !== 200) throw new Error(`GET /tasks/${taskId}: ${status} ${JSON.stringify(body)}`);
  return taskSchema.parse(body);
}

export async function getWorkers(coordinatorUrl: string) {
  return workersSchema.parse((await call(`${coordinatorUrl}/workers`)).body).workers;
}

/** Posts texts, one as `text` and several as `texts`, and waits for the answers, after a 202 at the tasks' places. */
export async function ask(
  coordinatorUrl: string,
  texts: readonly string[],
  requestId: string,
): Promise<readonly Answered[]> {
  const body = texts.length === 1 ? { text: texts[0] } : { texts };
  const reply = await post(coordinatorUrl, body, { 'x-request-id': requestId });
  if (reply.status !== 200 && reply.status !== 202) {
    throw new Error(`${requestId}: ${reply.status} ${JSON.stringify(reply.body)}`);
  }
  const answers = await answersOf(coordinatorUrl, reply, texts.length === 1);
  return texts.map((text, index) => {
    const answer = answers[index];
    if (answer === undefined) throw new Error(`${requestId}: no answer for text ${index}`);
    return { text, requestId, answer };
  });
}

function answersOf(coordinatorUrl: string, { status, body }: Reply, isLone: boolean): Promise<Answer[]> {
  const given = status === 200 && isLone ? [answerSchema.parse(body)] : manySchema.parse(body).tasks;
  return Promise.all(
    given.map(async (answer) => (status === 200 ? answer : await whenFinal(coordinatorUrl, answer.taskId))),
  );
}

async function whenFinal(coordinatorUrl: string, taskId: string): Promise<Answer> {
  return eventually(async () => {
    const task = await getTask(coordinatorUrl, taskId);
    return task.status !== 'queued' && task.status !== 'running' && task;
  }, PATIENCE);
}

/**
 * Several clients that ask one request after the other until all texts have been asked; some requests hold one text,
 * some a few. `onAnswers` is told how many texts have been answered.
 */
export async function askAll(
  coordinatorUrl: string,
  texts: readonly string[],
  clients: number,
  onAnswers: (count: number) => void = () => undefined,
): Promise<readonly Answered[]> {
  const requests = inRequests(texts);
  const answered: Answered[] = [];
  const client = async (name: string) => {
    for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
      answered.push(...(await ask(coordinatorUrl, request.texts, `${name}-${request.number}`)));
      onAnswers(answered.length);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(`client-${index}`)));
  return answered;
}

const SIZES = [1, 1, 3, 1, 8];

function inRequests(
  texts: readonly string[],
): { readonly number: number; readonly texts: readonly string[] }[] {
  const requests: { number: number; texts: readonly string[] }[] = [];
  for (let start = 0; start < texts.length;) {
    const size = SIZES[requests.length % SIZES.length] ?? 1;
    requests.push({ number: requests.length, texts: texts.slice(start, start + size) });
    start += size;
  }
  return requests;
}
