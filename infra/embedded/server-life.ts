/** Listening and closing of an HTTP server, as promises. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const LET_EXCHANGES_END_MS = 2000;
const CLOSE_IDLE_EVERY_MS = 20;
/** Connections that wait to be accepted; the system may allow fewer. */
const BACKLOG = 4096;

/** Resolves with the port; rejects with the error of a port that is taken. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Exchanges in flight may end; connections that are kept alive for later ones are closed. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const deadline = setTimeout(() => server.closeAllConnections(), LET_EXCHANGES_END_MS);
    server.close((error) => {
      clearInterval(idle);
      clearTimeout(deadline);
      if (error) reject(error);
      else resolve();
    });
  });
}
