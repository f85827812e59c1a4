/** Listening and closing of an HTTP server, as promises. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Connections that wait to be accepted. The system may allow fewer. A client that finds no room tries again after 1, 3, 7 and 15 seconds. */
const BACKLOG = 8192;
const CLOSE_IDLE_EVERY_MS = 20;

/** Resolves with the port in use. Rejects with the system's error if the address cannot be used, such as EADDRINUSE. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export function baseUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Accepts no more connections, lets requests in flight end for `graceMs`, then closes every connection that is left. */
export function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close((error) => {
      clearInterval(idle);
      clearTimeout(deadline);
      if (error) reject(error);
      else resolve();
    });
  });
}
