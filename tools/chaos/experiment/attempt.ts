/** One POST /infer, and what its client may conclude from what came back. */
import { z } from 'zod';
import { TASK_STATUSES } from '../../../contracts/task-view.js';
import { messageOf } from '../../../contracts/text.js';
import { neverArrived, type HttpClient, type HttpReply } from '../../load/http.js';
import type { PlannedRequest } from './plan-load.js';

export interface SeenTask {
  readonly taskId: string;
  readonly status: (typeof TASK_STATUSES)[number];
  readonly label?: string | undefined;
  readonly score?: number | undefined;
}

export type Attempt =
  /** `receipt`: its tasks have ids and states, and no answers. */
  | { readonly kind: 'accepted'; readonly tasks: readonly SeenTask[]; readonly by: 'answer' | 'receipt' }
  /** Never accepted; it may be sent again. */
  | {
      readonly kind: 'rejected' | 'unreached';
      readonly problem: string;
      readonly retryAfterMs?: number | undefined;
    }
  /** Never accepted, and never will be. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** Accepted or not: nobody can tell from here. */
  | { readonly kind: 'unknown'; readonly problem: string; readonly retryAfterMs?: number | undefined };

const taskSchema = z.object({
  taskId: z.string(),
  status: z.enum(TASK_STATUSES),
  label: z.string().optional(),
  score: z.number().optional(),
});
const manySchema = z.object({ tasks: z.array(taskSchema) });
const problemSchema = z.object({
  code: z.string(),
  detail: z.string().optional(),
  taskId: z.string().optional(),
});

/** Problems of one text that tell its task's final state. */
const FINAL_STATES: Readonly<Record<string, SeenTask['status']>> = {
  task_failed: 'failed',
  deadline_exceeded: 'expired',
  task_cancelled: 'cancelled',
};

export interface AttemptHeaders {
  readonly requestId: string;
  readonly waitMs: number;
}

export async function attempt(
  http: HttpClient,
  planned: PlannedRequest,
  { requestId, waitMs }: AttemptHeaders,
): Promise<Attempt> {
  const { texts, keyed, async } = planned;
  const headers = {
    'x-request-id': requestId,
    prefer: async ? 'respond-async' : `wait=${Math.ceil(waitMs / 1000)}`,
    ...(keyed ? { 'idempotency-key': requestId } : {}),
  };
  const body = JSON.stringify(texts.length === 1 ? { text: texts[0] } : { texts });
  try {
    return readAttempt(await http.send({ method: 'POST', path: '/infer', headers, body }), texts.length);
  } catch (error) {
    return { kind: neverArrived(error) ? 'unreached' : 'unknown', problem: messageOf(error) };
  }
}

/** What an answer says of a request of so many texts. */
export function readAttempt({ status, body, retryAfterMs }: HttpReply, texts: number): Attempt {
  const json = parseJson(body);
  if (status === 200 || status === 202) {
    const one = status === 200 && texts === 1 ? taskSchema.safeParse(json).data : undefined;
    const tasks = one === undefined ? manySchema.safeParse(json).data?.tasks : [one];
    const by = status === 200 ? 'answer' : 'receipt';
    if (tasks?.length === texts) return { kind: 'accepted', tasks, by };
    return { kind: 'unknown', problem: `${status} with an unexpected body: ${body.slice(0, 100)}` };
  }
  const { code = 'no problem document', taskId, detail } = problemSchema.safeParse(json).data ?? {};
  const problem = `${status} ${code}${detail === undefined ? '' : `: ${detail}`}`;
  const final = FINAL_STATES[code];
  if (final !== undefined && taskId !== undefined) {
    return { kind: 'accepted', tasks: [{ taskId, status: final }], by: 'answer' };
  }
  if (status === 429) return { kind: 'rejected', problem, retryAfterMs };
  // Of what no longer is kept, an answer says 404; of what is broken inside, 5xx: both may have been accepted.
  if (status >= 500 || status === 404) return { kind: 'unknown', problem, retryAfterMs };
  return { kind: 'refused', problem };
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // which no schema takes
  }
}

/** What GET /tasks/:id says: the task, that there is none, or that it cannot be told now. */
export async function lookUp(
  http: HttpClient,
  taskId: string,
): Promise<SeenTask | { readonly status: 'missing' | 'untold'; readonly retryAfterMs?: number | undefined }> {
  try {
    const { status, body, retryAfterMs } = await http.send({ method: 'GET', path: `/tasks/${taskId}` });
    if (status === 404) return { status: 'missing' };
    const task = status === 200 ? taskSchema.safeParse(parseJson(body)).data : undefined;
    return task ?? { status: 'untold', retryAfterMs };
  } catch {
    return { status: 'untold' }; // asked again
  }
}
