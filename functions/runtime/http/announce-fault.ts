import type { ServerResponse } from 'node:http';
import type { FaultKind } from '../../../contracts/worker/faults.js';
import { FAULT_HEADER } from '../../../contracts/worker/invoke.js';

/**
 * Announces the faults that are about to be injected in an interim response, and resolves when it has left this process.
 * A fault may prevent any later answer. Node cannot send an interim response with custom headers, so this writes to the socket.
 */
export function announceFault(response: ServerResponse, kinds: readonly FaultKind[]): Promise<void> {
  const list = kinds.join(', ');
  response.setHeader(FAULT_HEADER, list);
  const { socket } = response;
  if (socket === null) return Promise.resolve();
  return new Promise((resolve) => {
    socket.write(`HTTP/1.1 102 Processing\r\n${FAULT_HEADER}: ${list}\r\n\r\n`, () => resolve());
  });
}
