/**
 * Errors are stored with every task of a batch, and once more with its invokes: what they take together is bounded, so
 * that no failure can make an item that DynamoDB refuses, with all answers in it.
 */
import type { TaskError } from '../../contracts/batch/batch.js';
import { boundedMessage } from '../../contracts/common/text.js';

/** The bound for the errors of all tasks of a batch, as JSON: a batch of 32 may have 256 units each, in any script. */
const MAX_ERROR_BYTES = 50_000;
const CUT = '…';

/** @param tasks of the batch that the error will stand in */
export function boundedError({ code, message }: TaskError, tasks: number): TaskError {
  const bytes = Math.floor(MAX_ERROR_BYTES / tasks);
  const shortCode = withinBytes(code, bytes / 2);
  return { code: shortCode, message: withinBytes(boundedMessage(message), bytes - jsonBytes(shortCode)) };
}

function withinBytes(text: string, bytes: number): string {
  if (jsonBytes(text) <= bytes) return text;
  let left = bytes - jsonBytes(CUT);
  let length = 0;
  for (const character of text) {
    left -= jsonBytes(character);
    if (left < 0) break;
    length += character.length;
  }
  return `${text.slice(0, length)}${CUT}`;
}

/** Without the quotes. */
function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
