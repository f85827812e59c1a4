import type { IncomingMessage } from 'node:http';

/**
 * Calls `refuse`, once, as soon as a body that does not say its length has more than `maxBytes`: Express' parser reads a body
 * that is too large to its end before it says so, and this one need not have one.
 */
export function whenTooLong(request: IncomingMessage, maxBytes: number, refuse: () => void): void {
  if (request.headers['content-length'] !== undefined) return;
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) return;
    request.off('data', count);
    refuse();
  };
  request.on('data', count);
}
