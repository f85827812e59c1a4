import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { messageClassesOf } from './message-classes.js';

const CLOSE_DEADLINE_MS = 1000;
/** Connections that wait to be accepted; what is beyond tries again after 1, 3, 7 and 15 seconds. The system may allow fewer. */
const BACKLOG = 8192;
/** How often requests that are too slow are looked for. */
const CHECKED_EVERY_MS = 2000;
/** Longer than the minute after which load balancers let go, so that none uses a connection that just closed. */
const KEEP_ALIVE_MS = 65_000;

export interface HttpServer {
  readonly url: string;
  /** Takes no more connections, lets answers under way end for a moment, then cuts what is left. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** Called with the server before it listens. */
  readonly prepare?: (server: Server) => void;
}

/** @throws the listen error, such as EADDRINUSE */
export async function serve(app: Express, { host, port, prepare }: ServeOptions): Promise<HttpServer> {
  const options = { keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: CHECKED_EVERY_MS };
  const server = createServer({ ...messageClassesOf(app), ...options }, app);
  prepare?.(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
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
