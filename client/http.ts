/** A client of the coordinator, lean: it shares the machine with what it asks. */
import { Pool } from 'undici';
import { retryAfterMs } from './retry-after.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Gives up on the answer; `send` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly body: string;
  /** Where the answer says when to come back. */
  readonly retryAfterMs?: number;
}

export interface HttpClient {
  /** Rejects where no whole answer came. */
  send(request: HttpRequest): Promise<HttpReply>;
  /** Requests under way fail. */
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly url: string;
  /** Requests beyond them wait for one, which counts as their latency. */
  readonly connections: number;
  /** Until the answer's head, and from there to its end. */
  readonly timeoutMs: number;
  readonly apiKey?: string | undefined;
}

/** Far beyond every answer of the coordinator: what sends more is none, and would fill the memory. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

export function createHttpClient({ url, connections, timeoutMs, apiKey }: HttpOptions): HttpClient {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs },
  });
  const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return {
    send: ({ method, path, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(reasonOf(signal));
          return;
        }
        const chunks: Buffer[] = [];
        let bytes = 0;
        let status = 0;
        let startedAtMs = 0;
        let retryAfter: number | undefined;
        let abort = (_reason: Error): void => undefined;
        const giveUp = (): void => {
          if (signal === undefined) return;
          abort(reasonOf(signal));
          reject(reasonOf(signal)); // also where it still waits for a connection
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        const json = body === undefined ? {} : { 'content-type': 'application/json' };
        pool.dispatch(
          { method, path, headers: { ...json, ...authorization, ...headers }, body: body ?? null },
          {
            // Even an empty one tells undici that this is a handler of its current kind.
            onRequestStart: (controller) => {
              if (signal?.aborted === true) controller.abort(reasonOf(signal));
              else abort = (reason) => controller.abort(reason);
            },
            onResponseStart: (_controller, statusCode, received) => {
              status = statusCode;
              startedAtMs = performance.now();
              retryAfter = retryAfterMs(received['retry-after'], Date.now());
            },
            onResponseData: (controller, chunk) => {
              chunks.push(chunk);
              bytes += chunk.length;
              if (performance.now() - startedAtMs > timeoutMs)
                controller.abort(new Error(`the answer had not ended ${timeoutMs} ms after it began`));
              if (bytes > MAX_RESPONSE_BYTES)
                controller.abort(new Error(`the answer is over ${MAX_RESPONSE_BYTES} bytes`));
            },
            onResponseEnd: () => {
              signal?.removeEventListener('abort', giveUp);
              const body = Buffer.concat(chunks).toString('utf8');
              resolve({ status, body, ...(retryAfter !== undefined && { retryAfterMs: retryAfter }) });
            },
            onResponseError: (_controller, error) => {
              signal?.removeEventListener('abort', giveUp);
              reject(error);
            },
          },
        );
      }),
    close: () => pool.destroy(),
  };
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** No connection came about, so the request never reached anybody. */
export function isConnectFailure(error: unknown): boolean {
  const codes = ['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** It was never sent, and never will be: a header that no HTTP allows. */
export function isInvalidRequest(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_INVALID_ARG';
}
