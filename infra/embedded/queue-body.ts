/**
 * Bodies of calls of SQS, checked before the engine sees them: it answers what it cannot parse, or what is no object, with
 * 500 and its own error text, and callers try such a call again.
 */
import { describeErrors } from '../../contracts/http/field-errors.js';
import { excessInJson } from '../../contracts/http/json-bounds.js';
import { messageOf } from '../../contracts/common/text.js';

export class SerializationError extends Error {
  override readonly name = 'SerializationError';
}

/** @throws SerializationError */
export function parseQueueBody(body: Buffer): object {
  const excess = excessInJson(body);
  if (excess !== undefined) throw new SerializationError(describeErrors(excess));
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new SerializationError('the body is not JSON');
  }
  return requireObject(value);
}

/** @throws SerializationError */
export function requireObject(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SerializationError('expected a JSON object as body');
}

export interface QueueError {
  readonly status: 400 | 413 | 500;
  readonly body: { readonly __type: string; readonly message: string };
}

/** As AWS writes it. The engine reads fields without looking at their types first: a TypeError is what it says of a wrong one. */
export function queueErrorOf(error: unknown): QueueError {
  if (error instanceof SerializationError) return serialization(messageOf(error));
  if (error instanceof TypeError)
    return serialization('a field is not of the type that the operation expects');
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  if (status === 413)
    return { status, body: typed('RequestEntityTooLargeException', 'the body is too large') };
  if (typeof status === 'number' && status < 500) return serialization('the request cannot be read');
  return { status: 500, body: typed('InternalFailure', 'the queue of the embedded stack failed') };
}

function serialization(message: string): QueueError {
  return { status: 400, body: typed('SerializationException', message) };
}

function typed(type: string, message: string): QueueError['body'] {
  return { __type: `com.amazon.coral.service#${type}`, message };
}
