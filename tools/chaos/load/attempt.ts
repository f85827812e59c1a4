/** One POST /infer, and what its client may conclude from what came back. */
import { messageOf, parseJson } from '../../../contracts/common/text.js';
import { isConnectFailure, type HttpClient, type HttpReply } from '../../../client/http.js';
import { readReply, seenTaskSchema, type SeenTask } from '../../kit/load/read-reply.js';
import type { PlannedRequest } from './plan-load.js';

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
    return { kind: isConnectFailure(error) ? 'unreached' : 'unknown', problem: messageOf(error) };
  }
}

/** What an answer lets the client of so many texts conclude. */
export function readAttempt(reply: HttpReply, texts: number): Attempt {
  const { status, retryAfterMs } = reply;
  const read = readReply(reply, texts);
  if ('tasks' in read)
    return { kind: 'accepted', tasks: read.tasks, by: status === 202 ? 'receipt' : 'answer' };
  const { problem } = read;
  if (status === 200 || status === 202) return { kind: 'unknown', problem };
  if (status === 429) return { kind: 'rejected', problem, retryAfterMs };
  // Of what no longer is kept, an answer says 404; of what is broken inside, 5xx: both may have been accepted.
  if (status >= 500 || status === 404) return { kind: 'unknown', problem, retryAfterMs };
  return { kind: 'refused', problem };
}

/** What GET /tasks/:id says: the task, that there is none, or that it cannot be told now. */
export async function fetchTask(
  http: HttpClient,
  taskId: string,
): Promise<SeenTask | { readonly status: 'missing' | 'untold'; readonly retryAfterMs?: number | undefined }> {
  try {
    const { status, body, retryAfterMs } = await http.send({ method: 'GET', path: `/tasks/${taskId}` });
    if (status === 404) return { status: 'missing' };
    const task = status === 200 ? seenTaskSchema.safeParse(parseJson(body)).data : undefined;
    return task ?? { status: 'untold', retryAfterMs };
  } catch {
    return { status: 'untold' }; // asked again
  }
}
