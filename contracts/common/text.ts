/**
 * JSON in pure ASCII: every other character as \uXXXX. Queues refuse some characters (NUL, lone surrogates,
 * some everything above U+FFFF) and would refuse a text's neighbours in the batch with it.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Bytes of a text in `asciiJson`, without its quotes: what a message and an item take for it, and memory about as much. */
export function asciiJsonBytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x7f || unit < 0x20) bytes += SHORT_ESCAPES.has(unit) ? 2 : 6;
    else bytes += unit === 0x22 || unit === 0x5c ? 2 : 1;
  }
  return bytes;
}

/** `\b`, `\t`, `\n`, `\f`, `\r` */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13]);

/** Error messages that are stored or sent are bounded, so that no failure can outgrow its item. */
export const MAX_ERROR_MESSAGE_LENGTH = 256;

export function boundedMessage(message: string): string {
  return shortened(message);
}

export function shortened(text: string, maxLength = MAX_ERROR_MESSAGE_LENGTH): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}

/** The message of whatever was thrown, bounded. Never throws itself, whatever traps and getters there are. */
export function messageOf(thrown: unknown): string {
  try {
    return boundedMessage(String(thrown instanceof Error ? thrown.message : thrown));
  } catch {
    return UNREADABLE;
  }
}

/** In the place of a value that throws where it is read. */
export const UNREADABLE = 'a value that cannot be read';

/** Nothing, which no schema takes, where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
