/** Follows a task by server-sent events, over connections that break, until it is final. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { request, type Dispatcher } from 'undici';
import { problemSchema, taskViewSchema, type TaskView } from '../contracts/http/answers.js';
import { isTerminalStatus } from '../contracts/batch/task-status.js';
import { retryAfterMs } from './retry-after.js';
import { sleep } from './sleep.js';
import { ConnectionError, ProblemError, UnreadableAnswerError } from './errors.js';
import { backoffMs, NEVER_ABORTED, allowManyListeners } from './retry.js';

export interface WatchOptions {
  readonly url: URL;
  readonly apiKey: string | undefined;
  /** Tries in a row that bring no event. */
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
  readonly random: () => number;
}

const HEADERS_TIMEOUT_MS = 10_000;
/** A stream that is silent for so long is opened anew: it may have died without a word. */
const SILENCE_MS = 60_000;
/** Far beyond every task: its text has at most 10 000 units. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;
const MAX_PROBLEM_BYTES = 64 * 1024;
const RETRYABLE_STATUSES = new Set([429, 503]);

/** @throws ProblemError, such as `not_found`; ConnectionError after too many tries; the signal's reason */
export async function* watchTask(options: WatchOptions): AsyncGenerator<TaskView, void, undefined> {
  const { retries, random } = options;
  const signal = allowManyListeners(options.signal ?? NEVER_ABORTED);
  let lastEventId: string | undefined;
  let failures = 0;
  for (;;) {
    let problem: unknown = new Error('the stream ended before the task did');
    try {
      for await (const { id, data } of eventsOf(options, lastEventId)) {
        const task = readTask(data);
        lastEventId = id ?? lastEventId;
        failures = 0;
        yield task;
        if (isTerminalStatus(task.status)) return;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      problem = error;
    }
    failures += 1;
    if (failures > retries) throw asConnectionError(problem, failures);
    const retryAfterMs = problem instanceof ProblemError ? problem.retryAfterMs : undefined;
    await sleep(backoffMs(failures, retryAfterMs, random), signal);
    signal.throwIfAborted();
  }
}

async function* eventsOf(
  options: WatchOptions,
  lastEventId: string | undefined,
): AsyncGenerator<EventSourceMessage> {
  const { statusCode, headers, body } = await open(options, lastEventId);
  if (statusCode !== 200 || !/^text\/event-stream/.test(String(headers['content-type']))) {
    throw errorOf(statusCode, await readProblemBody(body), retryAfterMs(headers['retry-after'], Date.now()));
  }
  const events: EventSourceMessage[] = [];
  let excess: Error | undefined;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: (event) => void events.push(event),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded')
        excess = new UnreadableAnswerError(200, `an event of more than ${MAX_EVENT_LENGTH} characters`, 1);
    },
  });
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body) {
      parser.feed(decoder.decode(chunk as Buffer, { stream: true }));
      if (excess !== undefined) throw excess;
      yield* events.splice(0).filter(({ event }) => event === 'task');
    }
  } finally {
    body.destroy();
  }
}

/** Reads the body of an error response, bounded in size and time, because a response may never end. */
async function readProblemBody(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(), HEADERS_TIMEOUT_MS);
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes >= MAX_PROBLEM_BYTES) break; // ends the connection
    }
  } catch {
    return ''; // the status says enough
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function open({ url, apiKey, signal }: WatchOptions, lastEventId: string | undefined) {
  return request(url, {
    method: 'GET',
    headers: {
      accept: 'text/event-stream',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
    signal: signal ?? null,
    reset: true, // a stream has a connection of its own, which ends with it
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: SILENCE_MS,
  }) satisfies Promise<Dispatcher.ResponseData>;
}

/** @throws UnreadableAnswerError: the same would come again */
function readTask(data: string): TaskView {
  try {
    return taskViewSchema.parse(JSON.parse(data));
  } catch {
    throw new UnreadableAnswerError(200, data, 1);
  }
}

function errorOf(status: number, body: string, retryAfterMs: number | undefined): Error {
  try {
    return new ProblemError(problemSchema.parse(JSON.parse(body)), 1, retryAfterMs);
  } catch {
    return new UnreadableAnswerError(status, body, 1);
  }
}

/** Whether the same call may succeed in a moment. */
function isTransient(error: unknown): boolean {
  const isAnswer = error instanceof ProblemError || error instanceof UnreadableAnswerError;
  return !isAnswer || RETRYABLE_STATUSES.has(error.status);
}

function asConnectionError(problem: unknown, attempts: number): Error {
  if (problem instanceof ProblemError)
    return new ProblemError(problem.problem, attempts, problem.retryAfterMs);
  return new ConnectionError(problem, attempts);
}
