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

/** Error messages that are stored or sent are bounded, so that no failure can outgrow its item. */
export const MAX_ERROR_MESSAGE_LENGTH = 256;

export function boundedMessage(message: string): string {
  return shortened(message);
}

export function shortened(text: string, maxLength = MAX_ERROR_MESSAGE_LENGTH): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}

/** The message of whatever was thrown, bounded. */
export function messageOf(thrown: unknown): string {
  return boundedMessage(thrown instanceof Error ? thrown.message : String(thrown));
}

/** Nothing, which no schema takes, where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
