/**
 * Closed-loop load: each client sends its next request when it has its answer. It shares the machine with what it
 * measures, so it is kept lean (below 0.1 ms of CPU a request, checks included): one keep-alive connection a client.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import { messageOf } from '../contracts/common/text.js';
import { complaintsAbout, type Answer } from './answers.js';
import { cyclicSlice } from './cyclic-slice.js';

export interface LoadShape {
  readonly clients: number;
  readonly textsPerRequest: number;
}

export function describeShape({ clients, textsPerRequest }: LoadShape): string {
  const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${count(clients, 'client')}, ${count(textsPerRequest, 'text')} a request`;
}

export interface LoadTarget {
  readonly url: string;
  readonly texts: readonly string[];
  /** Right answers to `texts`; without them any label and score will do. */
  readonly expected?: readonly Answer[] | undefined;
}

export interface LoadWindow {
  readonly elapsedMs: number;
  /** Rightly answered. */
  readonly tasks: number;
  readonly latenciesMs: readonly number[];
}

export interface LoadErrors {
  /** Texts that got no answer or a wrong one. */
  readonly count: number;
  /** A few of them, in words. */
  readonly complaints: readonly string[];
}

export interface Load {
  /** Counts what is answered from now until the function given back is called. */
  openWindow(): () => LoadWindow;
  /** Waits for what is under way. */
  stop(): Promise<void>;
  /** Counts of its whole life, outside of windows too. */
  errors(): LoadErrors;
}

const KEPT_COMPLAINTS = 5;
/** Longer than the coordinator lets a client wait. */
const ANSWER_TIMEOUT_MS = 45_000;
/** Keeps clients of a dead system from taking the machine for themselves. */
const PAUSE_AFTER_ERROR_MS = 100;

export function startLoad(shape: LoadShape, target: LoadTarget, signal: AbortSignal): Load {
  const nextRequest = createRequestSource(shape.textsPerRequest, target);
  const connections = Array.from({ length: shape.clients }, () => connect(target.url));
  const complaints: string[] = [];
  let errorCount = 0;
  let stopping = false;
  let window = newWindow();

  async function runClient(connection: Client): Promise<void> {
    while (!stopping && !signal.aborted) {
      const request = nextRequest();
      const startedAtMs = performance.now();
      const wrong = await invokeCall(connection, request);
      window.latenciesMs.push(performance.now() - startedAtMs);
      window.tasks += shape.textsPerRequest - wrong.length;
      if (wrong.length > 0) await complain(wrong);
    }
  }

  async function complain(wrong: readonly string[]): Promise<void> {
    errorCount += wrong.length;
    complaints.push(...wrong.slice(0, KEPT_COMPLAINTS - complaints.length));
    await delay(PAUSE_AFTER_ERROR_MS);
  }

  const destroyAll = (): void => void Promise.all(connections.map((connection) => connection.destroy()));
  signal.addEventListener('abort', destroyAll, { once: true });
  const running = Promise.all(connections.map(runClient));

  return {
    openWindow() {
      const opened = (window = newWindow());
      return () => {
        window = newWindow();
        return { elapsedMs: performance.now() - opened.openedAtMs, ...opened };
      };
    },

    async stop() {
      stopping = true;
      await running;
      signal.removeEventListener('abort', destroyAll);
      await Promise.all(connections.map((connection) => connection.destroy()));
    },

    errors: () => ({ count: errorCount, complaints }),
  };
}

function newWindow(): { readonly openedAtMs: number; tasks: number; readonly latenciesMs: number[] } {
  return { openedAtMs: performance.now(), tasks: 0, latenciesMs: [] };
}

interface InferRequest {
  readonly body: string;
  readonly textCount: number;
  readonly expected?: readonly Answer[] | undefined;
}

/** Walks through the texts, round and round. */
function createRequestSource(textCount: number, { texts, expected }: LoadTarget): () => InferRequest {
  let position = 0;
  return () => {
    const requested = cyclicSlice(texts, position, textCount);
    const request = {
      body: JSON.stringify(textCount === 1 ? { text: requested[0] } : { texts: requested }),
      textCount,
      expected: expected && cyclicSlice(expected, position, textCount),
    };
    position = (position + textCount) % texts.length;
    return request;
  };
}

async function invokeCall(connection: Client, request: InferRequest): Promise<readonly string[]> {
  try {
    return complaintsAbout(await post(connection, request.body), request.textCount, request.expected);
  } catch (error) {
    return new Array<string>(request.textCount).fill(messageOf(error));
  }
}

/** undici's own `request` adds this: a stream for each answer, costs as much as all the rest. */
function post(connection: Client, body: string): Promise<{ statusCode: number; body: string }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let statusCode = 0;
    connection.dispatch(
      { path: '/infer', method: 'POST', headers: { 'content-type': 'application/json' }, body },
      {
        onRequestStart: () => undefined, // tells undici that this is a handler of its current kind
        onResponseStart: (_controller, status) => void (statusCode = status),
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve({ statusCode, body: Buffer.concat(chunks).toString('utf8') }),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

function connect(url: string): Client {
  return new Client(url, {
    pipelining: 1,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
}
