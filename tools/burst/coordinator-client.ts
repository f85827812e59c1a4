/** All that burst says to a coordinator, and how it reads what it hears. Nothing is tried again: each request counts once. */
import { messageOf, parseJson } from '../../contracts/common/text.js';
import { BoomerangClient } from '../../client/index.js';
import type { HttpClient, HttpReply } from '../../client/http.js';
import { oneLine } from '../kit/terminal/cells.js';
import { problemSchema, readReply, type SeenTask } from '../kit/load/read-reply.js';
import { StoppedByUserError, TimeLimitError } from './time-limit.js';

export interface InferCall {
  readonly requestId: string;
  readonly texts: readonly string[];
  readonly deadlineMs?: number | undefined;
  readonly keyed: boolean;
  /** Is answered as soon as it is accepted. */
  readonly async: boolean;
  /** How long the coordinator holds back its answer; nothing leaves it to the coordinator. */
  readonly waitSeconds?: number | undefined;
}

export type InferReply =
  /** Accepted. The tasks may be final or not. */
  | { readonly kind: 'tasks'; readonly tasks: readonly SeenTask[] }
  | {
      readonly kind: 'rejected' | 'unavailable' | 'otherError' | 'connection' | 'timedOut' | 'stopped';
      readonly problem: string;
    };

export interface CoordinatorClient {
  /** Never rejects. */
  infer(call: InferCall, signal: AbortSignal): Promise<InferReply>;
  /** Nothing where nobody can tell now. */
  task(taskId: string, signal: AbortSignal): Promise<SeenTask | undefined>;
  /** Whether somebody is there who takes texts. */
  checkReadiness(signal: AbortSignal): Promise<Readiness>;
  close(): Promise<void>;
}

export type Readiness =
  { readonly kind: 'ready' } | { readonly kind: 'unready' | 'unusable'; readonly problem: string };

export function createCoordinatorClient(url: string, http: HttpClient): CoordinatorClient {
  const client = new BoomerangClient({ url, http, retries: 0 });
  return {
    async infer({ requestId, texts, deadlineMs, keyed, async, waitSeconds }, signal) {
      const [text = ''] = texts;
      const wait = async ? 0 : waitSeconds;
      try {
        const reply = await client.send(texts.length === 1 ? { text } : { texts: [...texts] }, {
          requestId,
          idempotencyKey: keyed && requestId,
          signal,
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
          ...(wait === undefined ? {} : { waitSeconds: wait }),
        });
        return readInferReply(reply, texts.length);
      } catch (error) {
        if (error instanceof TimeLimitError) return { kind: 'timedOut', problem: error.message };
        if (error instanceof StoppedByUserError) return { kind: 'stopped', problem: error.message };
        return { kind: 'connection', problem: oneLine(messageOf(error)) };
      }
    },

    async task(taskId, signal) {
      try {
        return printableTask(await client.task(taskId, { signal }));
      } catch {
        return undefined; // asked again
      }
    },

    async checkReadiness(signal) {
      try {
        return readReadiness(await http.send({ method: 'GET', path: '/stats', signal }));
      } catch (error) {
        return { kind: 'unusable', problem: `does not answer (${messageOf(error)}): is it running there?` };
      }
    },

    close: () => http.close(),
  };
}

/** What an answer says of a request of so many texts. */
export function readInferReply(reply: HttpReply, texts: number): InferReply {
  const read = readReply(reply, texts);
  if ('tasks' in read) return { kind: 'tasks', tasks: read.tasks.map(printableTask) };
  const { status } = reply;
  const kind = status === 429 ? 'rejected' : status === 503 ? 'unavailable' : 'otherError';
  return { kind, problem: oneLine(read.problem) };
}

/** What is shown to people: whoever answered, it is to do nothing to their terminal. */
function printableTask({ label, workerId, error, ...task }: SeenTask): SeenTask {
  return {
    ...task,
    ...(label !== undefined && { label: oneLine(label) }),
    ...(workerId !== undefined && { workerId: oneLine(workerId) }),
    ...(error !== undefined && { error: { code: oneLine(error.code), message: oneLine(error.message) } }),
  };
}

function readReadiness({ status, body }: HttpReply): Readiness {
  if (status === 200 && parseJson(body) !== undefined) return { kind: 'ready' };
  const { code, detail = '' } = problemSchema.safeParse(parseJson(body)).data ?? {};
  if (status === 401)
    return { kind: 'unusable', problem: 'wants an API key: set API_KEY to the one it was started with' };
  if (code === undefined)
    return { kind: 'unusable', problem: `is no coordinator: GET /stats answers ${status}` };
  return { kind: 'unready', problem: oneLine(`answers ${status} ${code}: ${detail}`) };
}
