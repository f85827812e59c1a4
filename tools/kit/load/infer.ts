/**
 * The requests of every load: one `POST /infer`, and one look at a task. Nothing is repeated here; callers judge the
 * result and decide.
 */
import { z } from 'zod';
import { TASK_STATUSES } from '../../../contracts/batch/task-status.js';
import { messageOf, parseJson } from '../../../contracts/common/text.js';
import type { HttpClient, HttpReply } from '../../../client/http.js';

export type SeenTask = Readonly<z.infer<typeof seenTaskSchema>>;

export const seenTaskSchema = z.object({
  taskId: z.string(),
  status: z.enum(TASK_STATUSES),
  label: z.string().optional(),
  score: z.number().optional(),
  deliveries: z.int().min(0).optional(),
  workerId: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
const manySchema = z.object({ tasks: z.array(seenTaskSchema) });
export const problemSchema = z.object({
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

export interface InferCall {
  readonly requestId: string;
  readonly texts: readonly string[];
  readonly deadlineMs?: number | undefined;
  /** Sends the request id as the idempotency key. */
  readonly keyed: boolean;
  /** The coordinator responds as soon as it has accepted the tasks. */
  readonly async: boolean;
  /** How long the coordinator waits for the tasks; absent: as long as it waits by default. */
  readonly waitSeconds?: number | undefined;
}

export type InferResult =
  /** `receipt` (202): the tasks have ids and states, and no answers. */
  | { readonly kind: 'accepted'; readonly tasks: readonly SeenTask[]; readonly by: 'answer' | 'receipt' }
  /** The response does not tell of the tasks. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly problem: string;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: 'unanswered'; readonly error: unknown; readonly problem: string };

/** Never rejects. */
export async function sendInfer(
  http: HttpClient,
  call: InferCall,
  signal?: AbortSignal,
): Promise<InferResult> {
  const { requestId, texts, deadlineMs, keyed, async, waitSeconds } = call;
  const prefer = async ? 'respond-async' : waitSeconds === undefined ? undefined : `wait=${waitSeconds}`;
  const headers = {
    'x-request-id': requestId,
    ...(prefer !== undefined && { prefer }),
    ...(keyed && { 'idempotency-key': requestId }),
  };
  const requested = texts.length === 1 ? { text: texts[0] } : { texts };
  const body = JSON.stringify({ ...requested, deadlineMs });
  try {
    const request = { method: 'POST', path: '/infer', headers, body, ...(signal && { signal }) } as const;
    return readInferReply(await http.send(request), texts.length);
  } catch (error) {
    return { kind: 'unanswered', error, problem: messageOf(error) };
  }
}

/** Reads the response to a request of `texts` texts. */
export function readInferReply({ status, body, retryAfterMs }: HttpReply, texts: number): InferResult {
  const json = parseJson(body);
  const by = status === 202 ? 'receipt' : 'answer';
  if (status === 200 || status === 202) {
    const one = status === 200 && texts === 1 ? seenTaskSchema.safeParse(json).data : undefined;
    const tasks = one === undefined ? manySchema.safeParse(json).data?.tasks : [one];
    if (tasks?.length === texts) return { kind: 'accepted', tasks, by };
    const problem = `${status} with an unexpected body: ${body.slice(0, 80)}`;
    return { kind: 'refused', status, problem, retryAfterMs };
  }
  const { code = 'no problem document', taskId, detail } = problemSchema.safeParse(json).data ?? {};
  const final = FINAL_STATES[code];
  if (final !== undefined && taskId !== undefined) {
    const error = { code, message: detail ?? '' };
    return { kind: 'accepted', tasks: [{ taskId, status: final, error }], by };
  }
  const problem = `${status} ${code}${detail === undefined ? '' : `: ${detail}`}`;
  return { kind: 'refused', status, problem, retryAfterMs };
}

/** `missing`: there is no such task; `unknown`: nobody can tell now. */
export type TaskLookup =
  SeenTask | { readonly status: 'missing' | 'unknown'; readonly retryAfterMs?: number | undefined };

/** `GET /tasks/:id`. Never rejects. */
export async function fetchTask(http: HttpClient, taskId: string, signal?: AbortSignal): Promise<TaskLookup> {
  try {
    const path = `/tasks/${encodeURIComponent(taskId)}`;
    const { status, body, retryAfterMs } = await http.send({
      method: 'GET',
      path,
      ...(signal && { signal }),
    });
    if (status === 404) return { status: 'missing' };
    const task = status === 200 ? seenTaskSchema.safeParse(parseJson(body)).data : undefined;
    return task ?? { status: 'unknown', retryAfterMs };
  } catch {
    return { status: 'unknown' };
  }
}

/** The requests of a load that have not ended. */
export class RunningRequests {
  readonly #running = new Set<Promise<void>>();

  get count(): number {
    return this.#running.size;
  }

  /** Resolves with the request. */
  async track(request: Promise<void>): Promise<void> {
    this.#running.add(request);
    try {
      await request;
    } finally {
      this.#running.delete(request);
    }
  }

  /** Resolves when every request has ended, those that begin meanwhile included. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
