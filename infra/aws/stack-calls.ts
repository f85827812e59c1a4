/** Every call to the stack passes here: an exception of the SDK becomes one of our own errors, or a value. */
import { ConditionalCheckFailedException, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { StackUnavailableError } from '../../contracts/errors.js';
import { messageOf } from '../../contracts/text.js';

export type Item = Record<string, AttributeValue>;

export async function callStack<T>(operation: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw asOurs(operation, error);
  }
}

export interface Conflict {
  /** What stood there instead, where the stack tells (DynamoDB does when asked, dynalite does not). */
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
    throw asOurs(operation, error);
  }
}

/** A call that the stack will refuse again and again is no reason to wait for the stack: it is a fault of ours. */
function asOurs(operation: string, error: unknown): Error {
  if (!isNamed(error, 'ValidationException')) return new StackUnavailableError(operation, error);
  return new Error(`${operation} was refused: ${messageOf(error)}`, { cause: error });
}

/** Whether the SDK threw this error, by whichever of its names the stack at hand uses. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
