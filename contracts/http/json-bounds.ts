/**
 * How much a JSON body may hold, found by looking at its bytes. 1 MiB of short keys, of empty lists or of brackets takes a
 * parser and a schema 50 to 200 ms, during which nobody else is served; looking takes a few.
 */
import { counted, fieldError, MAX_NAMED_ERRORS, type FieldErrors } from './field-errors.js';

/** Far more than any request of ours needs: 256 texts, 1,000 task ids. */
export const MAX_JSON_VALUES = 10_000;
export const MAX_JSON_DEPTH = 32;
const MAX_KEY_BYTES = 200;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** @param body UTF-8 @returns what is too much in it; whether it is JSON at all is the parser's to say */
export function excessInJson(body: Buffer): FieldErrors | undefined {
  const keys: string[] = [];
  let keyCount = 0;
  let keyStart = 0;
  let keyEnd = 0;
  let stringStart = 0;
  let stringEnd = 0;
  let values = 0;
  let depth = 0;
  const nameOfKey = () => body.toString('utf8', keyStart, Math.min(keyEnd, keyStart + MAX_KEY_BYTES));
  for (let at = 0; at < body.length; at += 1) {
    switch (body[at] ?? 0) {
      case QUOTE:
        stringStart = at + 1;
        stringEnd = endOfString(body, stringStart);
        at = stringEnd;
        break;
      case COLON:
        if (depth !== 1) break;
        keyCount += 1;
        keyStart = stringStart;
        keyEnd = stringEnd;
        if (keys.length < MAX_NAMED_ERRORS) keys.push(nameOfKey());
        break;
      case COMMA:
        values += 1;
        if (values > MAX_JSON_VALUES && depth > 1) return tooMany(nameOfKey());
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > MAX_JSON_DEPTH) return oneError(nameOfKey(), `nested deeper than ${MAX_JSON_DEPTH}`);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
    }
  }
  if (values <= MAX_JSON_VALUES) return undefined;
  if (keyCount === 0) return tooMany('');
  const message = `one of ${keyCount} fields, of which at most ${MAX_JSON_VALUES} are read`;
  return counted(
    keys.map((name) => fieldError(name, message)),
    keyCount,
  );
}

function tooMany(path: string): FieldErrors {
  return oneError(path, `expected at most ${MAX_JSON_VALUES} values in the body`);
}

function oneError(path: string, message: string): FieldErrors {
  return { errors: [fieldError(path, message)] };
}

/** Where the string that starts there ends: at the first quote that no backslash escapes. */
function endOfString(body: Buffer, start: number): number {
  let at = start;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return Math.min(at, body.length);
}
