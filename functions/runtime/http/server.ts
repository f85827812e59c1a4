import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longer than the pauses of a coordinator that has little to do, so that its connections stay. */
const KEEP_ALIVE_MS = 60_000;

/** Connections that wait to be accepted; the system may allow fewer. */
const BACKLOG = 4096;

export interface ListeningServer {
  readonly server: Server;
  /** The port in use: another one than was asked for where that was 0. */
  readonly port: number;
}

/** Rejects with the system's error where the address cannot be had. */
export async function listen(
  app: RequestListener,
  host: string,
  port: number,
  prepare: (server: Server) => void = () => undefined,
): Promise<ListeningServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  prepare(server);
  server.listen({ port, host, backlog: BACKLOG });
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** Ends what is left of open exchanges: hung ones would never end by themselves. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
