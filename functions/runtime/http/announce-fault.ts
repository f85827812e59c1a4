import type { ServerResponse } from 'node:http';
import type { FaultKind } from '../../../contracts/worker/faults.js';
import { FAULT_HEADER } from '../../../contracts/worker/invoke.js';

/**
 * Tells the caller which faults are about to be injected, and resolves when that has left this process: a fault may
 * be that nothing else ever does. Node has no interim response with headers of one's own, so it is written by hand.
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
