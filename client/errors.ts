/** The errors that a call can end with. */
import type { Accepted, Problem } from '../contracts/http/answers.js';
import { boundedMessage, messageOf } from '../contracts/common/text.js';

/** Every error of the client; aborting a call throws the signal's reason instead. */
export abstract class BoomerangClientError extends Error {
  /** How often the call was tried. */
  readonly attempts: number;

  constructor(message: string, attempts: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.attempts = attempts;
  }
}

/** The coordinator said no, in a problem document: `code` says why. */
export class ProblemError extends BoomerangClientError {
  override readonly name = 'ProblemError';
  readonly status: number;
  /** Such as `overloaded`, `task_failed`, `deadline_exceeded`. */
  readonly code: string;
  readonly problem: Problem;
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, attempts: number, retryAfterMs?: number) {
    super(`${problem.code}: ${problem.detail}`, attempts);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The wait was over before the tasks were final: they go on, and `watch` or `task` shows what becomes of them. */
export class NotFinishedError extends BoomerangClientError {
  override readonly name = 'NotFinishedError';
  readonly requestId: string;
  readonly tasks: Accepted['tasks'];

  constructor({ requestId, tasks }: Accepted, attempts: number) {
    const ids = tasks.map(({ taskId }) => taskId);
    super(boundedMessage(`not finished in time: ${ids.join(', ')}`), attempts);
    this.requestId = requestId;
    this.tasks = tasks;
  }
}

/** No whole answer came: nobody listens, the connection broke, or it took too long. */
export class ConnectionError extends BoomerangClientError {
  override readonly name = 'ConnectionError';

  constructor(cause: unknown, attempts: number) {
    super(`no answer: ${messageOf(cause)}`, attempts, cause);
  }
}

/** The response is none of the coordinator's: another program listens there, or stands in between. */
export class UnreadableAnswerError extends BoomerangClientError {
  override readonly name = 'UnreadableAnswerError';
  readonly status: number;

  constructor(status: number, body: string, attempts: number) {
    super(boundedMessage(`HTTP ${status}, which cannot be read: ${body}`), attempts);
    this.status = status;
  }
}
