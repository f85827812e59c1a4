import type { ServerResponse } from 'node:http';
import type { FaultKind } from '../../contracts/faults.js';
import { FAULT_HEADER } from '../../contracts/invoke.js';

/**
 * Tells the caller which fault is about to be injected, and resolves when that has left this process: the fault may
 * be that nothing else ever does. Node has no interim response with headers of one's own, so it is written by hand.
 */
export function announceFault(response: ServerResponse, kind: FaultKind): Promise<void> {
  response.setHeader(FAULT_HEADER, kind);
  const { socket } = response;
  if (socket === null) return Promise.resolve();
  return new Promise((resolve) => {
    socket.write(`HTTP/1.1 102 Processing\r\n${FAULT_HEADER}: ${kind}\r\n\r\n`, () => resolve());
  });
}
