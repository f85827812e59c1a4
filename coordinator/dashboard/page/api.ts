/** Calls to the coordinator, with the API key if it requires one. */
import { createParser } from './vendor/eventsource-parser.js';
import { requestKey, authorization } from './key.js';

/** An error response, with the message of its problem document. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** @throws ApiProblem; TypeError if the coordinator does not respond */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(authorization())) headers.set(name, value);
    const response = await fetch(path, { ...init, headers, cache: 'no-store' });
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (response.status !== 401) throw problem;
    await requestKey();
    init.signal?.throwIfAborted();
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text().catch(() => '');
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  try {
    const { code, detail, title } = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    const message = detail ?? title ?? `the answer was ${response.status}`;
    return new ApiProblem(response.status, code ?? '', message, retryAfterMs);
  } catch {
    return new ApiProblem(response.status, '', `the answer was ${response.status}`, retryAfterMs);
  }
}

export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** The server sends something more often than this. */
const MAX_SILENCE_MS = 20_000;

/**
 * Reads an event stream until it ends. It uses fetch, because an EventSource cannot send an Authorization header.
 * @returns false if the server says that the stream is complete
 * @throws ApiProblem; TypeError or AbortError if the connection breaks
 */
export async function readStream(
  path: string,
  lastEventId: string | undefined,
  signal: AbortSignal,
  onEvent: (event: StreamEvent) => void,
): Promise<boolean> {
  const silence = new AbortController();
  const combined = AbortSignal.any([signal, silence.signal]);
  let timer = 0;
  const resetTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), MAX_SILENCE_MS);
  };
  try {
    const headers = { Accept: 'text/event-stream', ...(lastEventId ? { 'Last-Event-ID': lastEventId } : {}) };
    const response = await call(path, { headers, signal: combined });
    if (response.status === 204 || response.body === null) return false;
    const parser = createParser({
      onEvent: ({ event = 'message', id, data }) => onEvent({ event, id, data }),
    });
    const decoder = new TextDecoder();
    resetTimer();
    for await (const chunk of response.body) {
      resetTimer();
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
    return true;
  } finally {
    clearTimeout(timer);
  }
}
