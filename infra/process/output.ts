import type { Writable } from 'node:stream';

export interface Output {
  readonly write: (text: string) => void;
  /** Resolves when all is written, or the reader has had its chance. */
  readonly flush: () => Promise<void>;
}

const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
const FLUSH_DEADLINE_MS = 500;

/**
 * Output that a slow, stuck or dead reader cannot stop: what it does not read in time is dropped. (pino's own
 * destination retries for ever, blocking everything, when the process that read its pipe was killed.)
 */
export function createOutput(stream: Writable): Output {
  stream.on('error', () => undefined); // the reader is gone; the work goes on
  return {
    write: (text) => {
      if (stream.writableLength < MAX_UNREAD_BYTES) stream.write(text);
    },
    flush: () =>
      new Promise((resolve) => {
        setTimeout(resolve, FLUSH_DEADLINE_MS);
        stream.write('', () => resolve());
      }),
  };
}
