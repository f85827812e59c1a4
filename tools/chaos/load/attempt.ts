/** One `POST /infer` of an experiment, and what its client may conclude from the result. */
import { isConnectFailure, type HttpClient } from '../../../client/http.js';
import { sendInfer, type InferResult } from '../../kit/load/infer.js';
import type { PlannedRequest } from './plan-load.js';

export type Attempt =
  | Extract<InferResult, { readonly kind: 'accepted' }>
  /** Never accepted; it may be sent again. */
  | {
      readonly kind: 'rejected' | 'unreached';
      readonly problem: string;
      readonly retryAfterMs?: number | undefined;
    }
  /** Never accepted, and never will be. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** Accepted or not: the client cannot know. */
  | { readonly kind: 'unknown'; readonly problem: string; readonly retryAfterMs?: number | undefined };

export interface AttemptOptions {
  readonly requestId: string;
  readonly waitMs: number;
}

export async function attempt(
  http: HttpClient,
  { texts, keyed, async }: PlannedRequest,
  { requestId, waitMs }: AttemptOptions,
): Promise<Attempt> {
  const waitSeconds = Math.ceil(waitMs / 1000);
  return toAttempt(await sendInfer(http, { requestId, texts, keyed, async, waitSeconds }));
}

export function toAttempt(result: InferResult): Attempt {
  switch (result.kind) {
    case 'accepted':
      return result;
    case 'unanswered':
      return { kind: isConnectFailure(result.error) ? 'unreached' : 'unknown', problem: result.problem };
    case 'refused': {
      const { status, problem, retryAfterMs } = result;
      if (status === 200 || status === 202) return { kind: 'unknown', problem };
      if (status === 429) return { kind: 'rejected', problem, retryAfterMs };
      // 404 may be the response of a request whose tasks are kept no longer; 5xx may follow an acceptance.
      if (status >= 500 || status === 404) return { kind: 'unknown', problem, retryAfterMs };
      return { kind: 'refused', problem };
    }
  }
}
