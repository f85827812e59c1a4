import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { messageClassesOf } from './message-classes.js';

const CLOSE_DEADLINE_MS = 1000;
/** Longer than the minute after which load balancers let go, so that none uses a connection that just closed. */
const KEEP_ALIVE_MS = 65_000;

export interface HttpServer {
  readonly url: string;
  /** Takes no more connections, lets answers under way end for a moment, then cuts what is left. */
  close(): Promise<void>;
}

/** @throws the listen error, such as EADDRINUSE */
export async function serve(app: Express, host: string, port: number): Promise<HttpServer> {
  const server = createServer({ ...messageClassesOf(app), keepAliveTimeout: KEEP_ALIVE_MS }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return { url: urlOf(server), close: () => close(server) };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function close(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_DEADLINE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}
