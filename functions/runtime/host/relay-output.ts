/**
 * Passes on the output of a function up to a limit per second: a flood would block the worker, whose writes to a full pipe wait.
 * Output beyond the limit is read and dropped, because a full pipe would block the function.
 */
import { PassThrough, type Readable } from 'node:stream';
import { splitLines } from '../../../contracts/common/split-lines.js';

const MAX_BYTES_PER_WINDOW = 256 * 1024;
const WINDOW_MS = 1000;
const MAX_PRINTED_LINE_LENGTH = 16 * 1024;

export interface RelayBounds {
  readonly maxBytes: number;
  readonly windowMs: number;
}

export function relayOutput(
  source: Readable,
  write: (lines: string) => void,
  { maxBytes, windowMs }: RelayBounds = { maxBytes: MAX_BYTES_PER_WINDOW, windowMs: WINDOW_MS },
): void {
  const relayed = new PassThrough();
  let passed = 0;
  let dropped = 0;
  let windowIsOpen = false;

  const closeWindow = (): void => {
    if (dropped > 0) write(`… ${dropped} bytes that the function printed were left out\n`);
    passed = 0;
    dropped = 0;
    windowIsOpen = false;
  };

  splitLines(relayed, (line) => write(`${line}\n`), MAX_PRINTED_LINE_LENGTH);
  source.on('data', (chunk: Buffer) => {
    if (!windowIsOpen) {
      windowIsOpen = true;
      setTimeout(closeWindow, windowMs).unref();
    }
    const kept = chunk.subarray(0, maxBytes - passed);
    passed += kept.length;
    dropped += chunk.length - kept.length;
    if (kept.length > 0) relayed.write(kept);
  });
  source.once('end', () => relayed.end());
}
