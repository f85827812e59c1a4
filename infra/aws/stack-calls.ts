/** Every call to the stack passes here: an exception of the SDK becomes one of our own errors, or a value. */
import { ConditionalCheckFailedException, type AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  StackRefusedError,
  StackThrottledError,
  StackUnavailableError,
} from '../../contracts/errors/errors.js';
import { messageOf } from '../../contracts/common/text.js';
import { isThrottled, refusalOf } from './failed-calls.js';

export type Item = Record<string, AttributeValue>;

export async function callStack<T>(operation: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw stackError(operation, error);
  }
}

export interface Conflict {
  /** The item that stood there instead, where the stack tells (DynamoDB does when asked, dynalite does not). */
  readonly item: Item | undefined;
}

/** A write under a condition. */
export async function callConditionally(
  operation: string,
  call: Promise<unknown>,
): Promise<'written' | Conflict> {
  try {
    await call;
    return 'written';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { item: error.Item };
    throw stackError(operation, error);
  }
}

/** The stack will refuse an invalid call again and again: no reason to wait for it, but a fault of ours. */
export function stackError(operation: string, error: unknown): Error {
  if (isNamed(error, 'ValidationException'))
    return new Error(`${operation} was refused: ${messageOf(error)}`, { cause: error });
  if (isThrottled(error)) return new StackThrottledError(operation, error);
  const refusal = refusalOf(error);
  return refusal === undefined
    ? new StackUnavailableError(operation, error)
    : new StackRefusedError(operation, error, refusal);
}

/** Whether the SDK threw this error, by whichever of its names the stack at hand uses. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
