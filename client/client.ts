/**
 * A client of the coordinator. What is refused for now (429, 503) or gets no answer is tried again, after the time that
 * the coordinator names and a little more by chance, under one idempotency key, so that all tries have the same tasks.
 * (A coordinator that dies between sending a task and writing its key leaves one more, which runs for nobody.)
 */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import {
  acceptedSchema,
  manyAnswerSchema,
  oneAnswerSchema,
  problemSchema,
  taskViewSchema,
  type Accepted,
  type ManyAnswer,
  type OneAnswer,
  type TaskView,
} from '../contracts/http/answers.js';
import type { Answer } from '../contracts/worker/invoke.js';
import type { InferRequest } from '../contracts/http/api.js';
import { parseJson } from '../contracts/common/text.js';
import { createHttpClient, type HttpClient, type HttpReply, type HttpRequest } from './http.js';
import { ConnectionError, NotFinishedError, ProblemError, UnreadableAnswerError } from './errors.js';
import { allowManyListeners, withRetries, type Attempt } from './retry.js';
import { watchTask } from './watch.js';

export interface ClientOptions {
  /** Such as http://127.0.0.1:8080 */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Tries after the first, of every call that does not say otherwise; 5. */
  readonly retries?: number;
  /** Open at the same time; requests beyond them wait for one; 64. */
  readonly connections?: number;
  /** Until an answer begins; longer than the coordinator is asked to wait; 60 000. */
  readonly timeoutMs?: number;
  /** In the place of connections of its own, which `close` then leaves alone. */
  readonly http?: HttpClient;
  /** Uniform in [0, 1); for the spread of retries. */
  readonly random?: () => number;
}

export interface CallOptions {
  /** Gives up; the call throws the signal's reason. `AbortSignal.timeout(ms)` is a deadline. */
  readonly signal?: AbortSignal;
  readonly retries?: number;
}

export interface InferOptions extends CallOptions {
  /** After so long the coordinator expires the task, and the client tries no more. */
  readonly deadlineMs?: number;
  /** How long the coordinator waits for the answer; 30. */
  readonly waitSeconds?: number;
  /** Absent: one is made where the call may be tried again. `false`: none, at the price that a repeat may run twice. */
  readonly idempotencyKey?: string | false;
  readonly requestId?: string;
}

/** One answer of the coordinator as it came, whatever its status. */
export interface RawReply extends HttpReply {
  readonly attempts: number;
}

/** The answer to one text, which always has a label. */
export type Inferred = OneAnswer & { readonly status: 'succeeded' } & Pick<Answer, 'label' | 'score'>;

export class BoomerangClient {
  readonly #options: ClientOptions;
  readonly #http: HttpClient;
  readonly #random: () => number;

  constructor(options: ClientOptions) {
    const { url, apiKey, connections = 64, timeoutMs = 60_000 } = options;
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#http = options.http ?? createHttpClient({ url, apiKey, connections, timeoutMs });
  }

  /**
   * Classifies one text.
   * @throws ProblemError such as `task_failed`, `deadline_exceeded`; NotFinishedError; ConnectionError
   */
  async infer(text: string, options: InferOptions = {}): Promise<Inferred> {
    const reply = await this.send({ text }, options);
    if (reply.status === 202) throw new NotFinishedError(read(acceptedSchema, reply), reply.attempts);
    const answer = read(oneAnswerSchema, reply);
    if (!isInferred(answer)) throw new UnreadableAnswerError(reply.status, reply.body, reply.attempts);
    return answer;
  }

  /** Classifies up to 256 texts; each has a status of its own. @throws as `infer` does, of the request as a whole */
  async inferMany(texts: readonly string[], options: InferOptions = {}): Promise<ManyAnswer['tasks']> {
    const reply = await this.send({ texts: [...texts] }, options);
    if (reply.status === 202) throw new NotFinishedError(read(acceptedSchema, reply), reply.attempts);
    return read(manyAnswerSchema, reply).tasks;
  }

  /** Has texts accepted without waiting for their answers. */
  async submit(texts: readonly string[], options: InferOptions = {}): Promise<Accepted['tasks']> {
    return read(acceptedSchema, await this.send({ texts: [...texts] }, { ...options, waitSeconds: 0 })).tasks;
  }

  /** A task as it stands, with every delivery that carried it. @throws ProblemError `not_found` */
  async task(taskId: string, options: CallOptions = {}): Promise<TaskView> {
    return read(taskViewSchema, await this.#call({ method: 'GET', path: pathOf(taskId) }, true, options));
  }

  /** @throws ProblemError `not_cancellable` where it is running or final */
  async cancel(taskId: string, options: CallOptions = {}): Promise<TaskView> {
    return read(taskViewSchema, await this.#call({ method: 'DELETE', path: pathOf(taskId) }, true, options));
  }

  /** The task now and after every change, until it is final. @throws ProblemError `not_found` */
  watch(taskId: string, options: CallOptions = {}): AsyncGenerator<TaskView, void, undefined> {
    const { url, apiKey, retries: usual = 5 } = this.#options;
    const { signal, retries = usual } = options;
    return watchTask({
      url: new URL(`${pathOf(taskId)}/events`, url),
      apiKey,
      retries,
      signal,
      random: this.#random,
    });
  }

  /**
   * `POST /infer`, its answer as it came: for callers that make something else of statuses.
   * @throws ConnectionError, and nothing for what the coordinator answers
   */
  send(request: InferRequest, options: InferOptions = {}): Promise<RawReply> {
    const { deadlineMs, idempotencyKey, requestId, waitSeconds } = options;
    const key = idempotencyKey ?? (this.#retriesOf(options) > 0 ? randomUUID() : false);
    const headers = {
      ...(key !== false && { 'idempotency-key': key }),
      ...(requestId !== undefined && { 'x-request-id': requestId }),
      ...(waitSeconds !== undefined && { prefer: waitSeconds > 0 ? `wait=${waitSeconds}` : 'respond-async' }),
    };
    const body = JSON.stringify(deadlineMs === undefined ? request : { ...request, deadlineMs });
    return this.#call({ method: 'POST', path: '/infer', headers, body }, key !== false, options, deadlineMs);
  }

  /** Ends the connections that are its own; calls under way fail. */
  async close(): Promise<void> {
    if (this.#options.http === undefined) await this.#http.close();
  }

  #retriesOf({ retries }: CallOptions): number {
    return retries ?? this.#options.retries ?? 5;
  }

  async #call(
    request: HttpRequest,
    repeatable: boolean,
    options: CallOptions,
    withinMs?: number,
  ): Promise<RawReply> {
    const { signal } = options;
    const whole = signal === undefined ? request : { ...request, signal: allowManyListeners(signal) };
    const attempt = await withRetries(() => this.#http.send(whole), {
      retries: this.#retriesOf(options),
      withinMs,
      repeatable,
      signal,
      random: this.#random,
    });
    return rawReply(attempt);
  }
}

function rawReply(attempt: Attempt): RawReply {
  if ('error' in attempt) throw new ConnectionError(attempt.error, attempt.attempts);
  return { ...attempt.reply, attempts: attempt.attempts };
}

function pathOf(taskId: string): string {
  return `/tasks/${encodeURIComponent(taskId)}`;
}

function isInferred(answer: OneAnswer): answer is Inferred {
  return answer.status === 'succeeded' && answer.label !== undefined && answer.score !== undefined;
}

function read<Schema extends z.ZodType>(schema: Schema, reply: RawReply): z.output<Schema> {
  const { status, body, attempts, retryAfterMs } = reply;
  const json = parseJson(body);
  if (status < 300) {
    const answer = schema.safeParse(json);
    if (answer.success) return answer.data;
  } else {
    const problem = problemSchema.safeParse(json);
    if (problem.success) throw new ProblemError(problem.data, attempts, retryAfterMs);
  }
  throw new UnreadableAnswerError(status, body, attempts);
}
