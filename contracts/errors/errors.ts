import type { StackRefusal } from './stack-refusal.js';

/** Codes of the errors that a client of the coordinator can meet; `infra/http/problem.ts` maps them to HTTP. */
export type ErrorCode =
  | 'invalid_request'
  | 'unauthorized'
  | 'host_not_allowed'
  | 'origin_not_allowed'
  | 'address_not_allowed'
  | 'not_found'
  | 'method_not_allowed'
  | 'idempotency_conflict'
  | 'task_cancelled'
  | 'not_cancellable'
  | 'worker_id_taken'
  | 'too_large'
  | 'unsupported_media_type'
  | 'overloaded'
  | 'too_many_requests'
  | 'task_failed'
  | 'stack_unavailable'
  | 'too_many_streams'
  | 'shutting_down'
  | 'deadline_exceeded'
  | 'internal_error';

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ErrorDetails {
  readonly errors?: readonly FieldError[];
  /** Errors beyond those that are named. */
  readonly moreErrors?: number;
  readonly retryAfterSeconds?: number;
  /** Further members of the problem document, such as `taskId`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that a client is told about, in the words of its code. */
export class BoomerangError extends Error {
  override readonly name: string = 'BoomerangError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** SQS or DynamoDB did not answer, or answered that it cannot: nothing is known of the call's effect. */
export class StackUnavailableError extends BoomerangError {
  override readonly name: string = 'StackUnavailableError';

  /** The operation that failed, in our own words. */
  readonly operation: string;

  constructor(operation: string, cause: unknown) {
    super(
      'stack_unavailable',
      `${operation} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
        retryAfterSeconds: 1,
      },
    );
    this.operation = operation;
  }
}

/** An item that somebody else wrote, or another version: it says nothing that could be shown. */
export class UnreadableItemError extends Error {
  override readonly name = 'UnreadableItemError';
}

/** The stack answers, but takes no more of this kind for now: other items, partitions and queues are not concerned. */
export class StackThrottledError extends StackUnavailableError {
  override readonly name = 'StackThrottledError';
}

/** The stack answers that it will not do this, and will not until somebody changes something. */
export class StackRefusedError extends StackUnavailableError {
  override readonly name = 'StackRefusedError';
  readonly refusal: StackRefusal;

  constructor(operation: string, cause: unknown, refusal: StackRefusal) {
    super(operation, cause);
    this.refusal = refusal;
  }
}

/** A worker that accepts no connection: it never saw the invoke, so this counts as no delivery. */
export class WorkerUnreachableError extends Error {
  override readonly name = 'WorkerUnreachableError';
}

/** An invoke that may have run but brought no usable answer: an error status, a reset, a broken body. */
export class InvokeFailedError extends Error {
  override readonly name = 'InvokeFailedError';
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** A setting that cannot be used; its message names the variable, the value and what was expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
