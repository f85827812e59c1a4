import type { StackCall, StackRefusal } from '../errors/stack-refusal.js';

/** Told of every call to SQS and DynamoDB when it has ended, tries again included. */
export interface StackCallObserver {
  /** @param error the error's name; absent of an answer, a failed condition among them */
  called(
    operation: string,
    durationMs: number,
    error: string | undefined,
    call: StackCall,
    refusal: StackRefusal | undefined,
  ): void;
}

/** Queues and tables themselves. */
export interface StackResources {
  /** Makes what is missing. @throws StackUnavailableError */
  ensure(): Promise<void>;
}
