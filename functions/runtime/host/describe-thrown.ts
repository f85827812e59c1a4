/**
 * Describes what a function threw, which may be any value. The text is bounded before it leaves the process, because a message of
 * megabytes would block the receivers.
 */
import { UNREADABLE, shortened } from '../../../contracts/common/text.js';

export interface ThrownDescription {
  readonly message: string;
  readonly stack?: string;
}

export const MAX_THROWN_MESSAGE_LENGTH = 1024;
export const MAX_STACK_LENGTH = 8192;

/** Never throws, even if getters or proxies do. */
export function describeThrown(thrown: unknown): ThrownDescription {
  if (!isError(thrown)) return { message: boundedText(thrown) };
  const read = readProperty(thrown, 'message');
  const message = boundedText(read);
  const stack = readProperty(thrown, 'stack');
  if (typeof stack !== 'string') return { message };
  return { message, stack: shortened(withShortMessage(stack, read, message), MAX_STACK_LENGTH) };
}

function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error;
  } catch {
    return false;
  }
}

function readProperty(error: Error, key: 'message' | 'stack'): unknown {
  try {
    return error[key];
  } catch {
    return UNREADABLE;
  }
}

/** A stack begins with its message. A long message would leave no room for the frames. */
function withShortMessage(stack: string, long: unknown, short: string): string {
  if (typeof long !== 'string' || long === short) return stack;
  const at = stack.indexOf(long.slice(0, MAX_THROWN_MESSAGE_LENGTH));
  if (at === -1 || !stack.startsWith(long, at)) return stack;
  return stack.slice(0, at) + short + stack.slice(at + long.length);
}

function boundedText(value: unknown): string {
  try {
    return shortened(textOf(value), MAX_THROWN_MESSAGE_LENGTH);
  } catch {
    return UNREADABLE;
  }
}

/** `{"a":5}` says more than `[object Object]`. */
function textOf(value: unknown): string {
  const text = String(value);
  return text === '[object Object]' ? asJson(value, text) : text;
}

function asJson(value: unknown, fallback: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    return fallback; // circular, or holds a BigInt
  }
}
