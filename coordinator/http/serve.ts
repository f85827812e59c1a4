import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { baseUrl, closeServer, listen } from '../../infra/http/serve.js';
import { messageClassesOf } from './message-classes.js';

const CLOSE_GRACE_MS = 1000;
/** How often Node looks for requests that are too slow. */
const CHECK_CONNECTIONS_EVERY_MS = 2000;
/** Load balancers close idle connections after a minute. A longer time keeps them from using one that was just closed here. */
const KEEP_ALIVE_MS = 65_000;

export interface HttpServer {
  readonly url: string;
  /** Accepts no more connections, lets requests in flight end for a moment, then closes the rest. */
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
  const server = createServer(
    {
      ...messageClassesOf(app),
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_CONNECTIONS_EVERY_MS,
    },
    app,
  );
  prepare?.(server);
  const usedPort = await listen(server, host, port);
  const { address } = server.address() as AddressInfo;
  return { url: baseUrl(address, usedPort), close: () => closeServer(server, CLOSE_GRACE_MS) };
}
