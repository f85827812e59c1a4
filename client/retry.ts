/** When a call is tried again: what was refused for now, and what got no answer. */
import { setMaxListeners } from 'node:events';
import { isInvalidRequest, isConnectFailure, type HttpReply } from './http.js';
import { sleep } from './sleep.js';

export interface RetryOptions {
  /** Tries after the first. */
  readonly retries: number;
  /** From the first try on, no try begins later. */
  readonly withinMs?: number | undefined;
  /** Whether the same request may reach the coordinator twice without harm. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export type Attempt =
  | { readonly reply: HttpReply; readonly attempts: number }
  | { readonly error: unknown; readonly attempts: number };

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5000;
const RETRYABLE_STATUSES = new Set([429, 503]);

/** A signal that never fires. */
export const NEVER_ABORTED = allowManyListeners(new AbortController().signal);

/** One signal may stand for any number of calls at once, which is no leak that Node has to warn of. */
export function allowManyListeners(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

/** @throws the signal's reason once it has fired */
export async function withRetries(send: () => Promise<HttpReply>, options: RetryOptions): Promise<Attempt> {
  const { retries, withinMs = Infinity, signal = NEVER_ABORTED } = options;
  const startedAtMs = performance.now();
  for (let attempts = 1; ; attempts += 1) {
    const attempt = await tryOnce(send, attempts);
    signal.throwIfAborted();
    if (attempts > retries || !isRetryable(attempt, options.repeatable)) return attempt;
    const delayMs = delayBefore(attempts, attempt, options.random);
    if (performance.now() - startedAtMs + delayMs >= withinMs) return attempt;
    await sleep(delayMs, signal);
    signal.throwIfAborted();
  }
}

async function tryOnce(send: () => Promise<HttpReply>, attempts: number): Promise<Attempt> {
  try {
    return { reply: await send(), attempts };
  } catch (error) {
    return { error, attempts };
  }
}

function isRetryable(attempt: Attempt, repeatable: boolean): boolean {
  if ('reply' in attempt) return RETRYABLE_STATUSES.has(attempt.reply.status);
  return (repeatable && !isInvalidRequest(attempt.error)) || isConnectFailure(attempt.error);
}

/** Not before the time that the coordinator names, and then spread, so that clients refused together do not return together. */
export function delayBefore(attempts: number, attempt: Attempt, random: () => number): number {
  const retryAfterMs = 'reply' in attempt ? attempt.reply.retryAfterMs : undefined;
  return backoffMs(attempts, retryAfterMs, random);
}

/** @param retryAfterMs what the coordinator said, where it did */
export function backoffMs(attempts: number, retryAfterMs = 0, random: () => number): number {
  return retryAfterMs + random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts, 20));
}
