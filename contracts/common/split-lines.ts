import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

/** In UTF-16 units. What is longer is no line for a log. */
export const MAX_LINE_LENGTH = 256 * 1024;

/**
 * Hands on whole lines, so that those of several processes never mix; empty ones are left out. One that is too long is
 * cut, and what is left out of it is counted, not held: its cost is in proportion to its length.
 */
export function splitLines(
  stream: Readable,
  onLine: (line: string) => void,
  maxLength = MAX_LINE_LENGTH,
): void {
  const decoder = new StringDecoder('utf8');
  let line = '';
  let leftOut = 0;

  const extend = (part: string): void => {
    const kept = part.slice(0, maxLength - line.length);
    line += kept;
    leftOut += part.length - kept.length;
  };
  const finish = (): void => {
    if (line !== '')
      onLine(leftOut === 0 ? line : `${line.toWellFormed()}… (${leftOut} more characters left out)`);
    line = '';
    leftOut = 0;
  };

  stream.on('data', (chunk: Buffer) => {
    const [first = '', ...others] = decoder.write(chunk).split('\n');
    extend(first);
    for (const part of others) {
      finish();
      extend(part);
    }
  });
  stream.on('end', () => {
    extend(decoder.end());
    finish();
  });
}
