import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

/** Hands on whole lines, so that those of several processes never mix; empty ones are left out. */
export function splitLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let unfinished = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (unfinished + decoder.write(chunk)).split('\n');
    unfinished = lines.pop() ?? '';
    lines.filter((line) => line !== '').forEach((line) => onLine(line));
  });
  stream.on('end', () => {
    const rest = unfinished + decoder.end();
    if (rest !== '') onLine(rest);
  });
}
