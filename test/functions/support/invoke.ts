import { Agent, request } from 'undici';
import { FAULT_HEADER, type InvokeRequest } from '../../../contracts/worker/invoke.js';
import { TOKEN } from './fake-worker.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: unknown;
  /** Faults that were announced by interim responses. */
  readonly announced: readonly string[];
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly token?: string | undefined;
  readonly contentType?: string | undefined;
  readonly json?: unknown;
  readonly raw?: string;
  readonly traceparent?: string;
  readonly signal?: AbortSignal;
  readonly announced?: string[];
}

export async function ask(url: string, path: string, options: Ask = {}): Promise<Reply> {
  const { method = 'GET', token = TOKEN, contentType = 'application/json', json, raw, signal } = options;
  const { traceparent } = options;
  const announced = options.announced ?? [];
  const agent = new Agent();
  try {
    const { statusCode, headers, body } = await request(new URL(path, url), {
      method,
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': contentType,
        ...(traceparent !== undefined && { traceparent }),
      },
      body: raw ?? (json === undefined ? null : JSON.stringify(json)),
      ...(signal !== undefined && { signal }),
      onInfo: (info) => announced.push(`${info.statusCode} ${String(info.headers[FAULT_HEADER])}`),
    });
    const text = await body.text();
    return { status: statusCode, headers, text, body: tryJson(text), announced };
  } finally {
    await agent.destroy();
  }
}

export function invokeOf(...texts: readonly string[]): InvokeRequest {
  const tasks = texts.map((text, slot) => ({ taskId: `batch-${slot}`, text }));
  return { batchId: 'batch', batchNumber: 1, delivery: 2, tasks };
}

export function invoke(url: string, texts: readonly string[], options: Ask = {}): Promise<Reply> {
  return ask(url, '/invoke', { method: 'POST', json: invokeOf(...texts), ...options });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller looks at the text
  }
}
