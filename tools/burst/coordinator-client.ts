/** The coordinator as burst sees it: what it is asked, and how its responses count. */
import { messageOf, parseJson } from '../../contracts/common/text.js';
import type { HttpClient, HttpReply } from '../../client/http.js';
import {
  fetchTask,
  problemSchema,
  sendInfer,
  type InferCall,
  type InferResult,
  type SeenTask,
} from '../kit/load/infer.js';
import { oneLine } from '../kit/terminal/cells.js';
import { StoppedByUserError, TimeLimitError } from './time-limit.js';

export type InferReply =
  /** The tasks were accepted; they may be final or not. */
  | { readonly kind: 'tasks'; readonly tasks: readonly SeenTask[] }
  | {
      readonly kind: 'rejected' | 'unavailable' | 'otherError' | 'connection' | 'timedOut' | 'stopped';
      readonly problem: string;
    };

export interface CoordinatorClient {
  /** Never rejects. */
  infer(call: InferCall, signal: AbortSignal): Promise<InferReply>;
  /** Absent where the coordinator does not tell now. */
  task(taskId: string, signal: AbortSignal): Promise<SeenTask | undefined>;
  /** Whether a coordinator listens there and accepts requests. */
  checkReadiness(signal: AbortSignal): Promise<Readiness>;
  close(): Promise<void>;
}

export type Readiness =
  { readonly kind: 'ready' } | { readonly kind: 'unready' | 'unusable'; readonly problem: string };

export function createCoordinatorClient(http: HttpClient): CoordinatorClient {
  return {
    infer: async (call, signal) => toInferReply(await sendInfer(http, call, signal)),

    async task(taskId, signal) {
      const task = await fetchTask(http, taskId, signal);
      return 'taskId' in task ? printableTask(task) : undefined;
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

export function toInferReply(result: InferResult): InferReply {
  switch (result.kind) {
    case 'accepted':
      return { kind: 'tasks', tasks: result.tasks.map(printableTask) };
    case 'refused': {
      const { status, problem } = result;
      const kind = status === 429 ? 'rejected' : status === 503 ? 'unavailable' : 'otherError';
      return { kind, problem: oneLine(problem) };
    }
    case 'unanswered': {
      const { error } = result;
      if (error instanceof TimeLimitError) return { kind: 'timedOut', problem: error.message };
      if (error instanceof StoppedByUserError) return { kind: 'stopped', problem: error.message };
      return { kind: 'connection', problem: oneLine(result.problem) };
    }
  }
}

/** Texts of a response that are shown to people contain nothing that changes their terminal. */
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
