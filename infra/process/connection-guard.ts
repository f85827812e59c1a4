/**
 * Connections to a server of ours are bounded below what the process may open, so that some are left for what it opens
 * itself. Strangers who hold connections and ask for nothing lose them first, those who have been quiet longest before the
 * others: whoever asks for something now gets in.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';

export interface GuardOptions {
  readonly logger: Logger;
  /** Far below what the process may open, where absent. */
  readonly maxConnections?: number;
}

/** A request's headers, and all of it, from its first byte; a megabyte takes 10 ms where nobody dawdles. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const SAID_AGAIN_AFTER_MS = 60_000;

const FILES_WHERE_UNKNOWN = 10_000;
/** For files, the stack, functions, logs. */
const RESERVED_FILES = 100;

export function guardConnections(server: Server, { logger, maxConnections }: GuardOptions): void {
  const guard = new ConnectionGuard(maxConnections ?? connectionsWithin(maxOpenFiles()), logger);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.on('connection', (socket) => guard.opened(socket));
  server.on('request', (request, response) => guard.requested(request, response));
  server.on('error', (error) => guard.failed(error));
}

/** The file descriptors that are left for connections: never less than half. */
export function connectionsWithin(openFiles: number): number {
  return Math.floor(openFiles - Math.min(openFiles / 2, Math.max(RESERVED_FILES, openFiles / 4)));
}

/** Node raises the soft limit to the hard one when it starts. */
function maxOpenFiles(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? FILES_WHERE_UNKNOWN : Number(soft);
  } catch {
    return FILES_WHERE_UNKNOWN; // no Linux
  }
}

class ConnectionGuard {
  readonly #maxConnections: number;
  readonly #logger: Logger;
  /** With the requests that are under way on each; those that were used last come last. */
  readonly #connections = new Map<Socket, Set<IncomingMessage>>();
  #closed = 0;
  #refused = 0;
  #saidAt = -Infinity;

  constructor(maxConnections: number, logger: Logger) {
    this.#maxConnections = maxConnections;
    this.#logger = logger;
  }

  opened(socket: Socket): void {
    if (this.#connections.size >= this.#maxConnections) this.#makeRoom(socket);
    if (socket.destroyed) return;
    this.#connections.set(socket, new Set());
    socket.once('close', () => this.#connections.delete(socket));
  }

  requested(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const requests = this.#connections.get(socket);
    if (requests === undefined) return;
    requests.add(request);
    this.#used(socket, requests);
    response.once('close', () => {
      requests.delete(request);
      this.#used(socket, requests);
    });
  }

  failed(error: Error): void {
    this.#logger.error({ error: messageOf(error) }, 'connections.accept_failed');
  }

  #used(socket: Socket, requests: Set<IncomingMessage>): void {
    if (this.#connections.delete(socket)) this.#connections.set(socket, requests);
  }

  #makeRoom(newcomer: Socket): void {
    const idle = this.#first((requests) => requests.size === 0);
    const victim = idle ?? this.#first((requests) => [...requests].every(({ complete }) => !complete));
    if (victim === undefined) this.#refused += 1;
    else this.#closed += 1;
    (victim ?? newcomer).destroy();
    if (victim !== undefined) this.#connections.delete(victim);
    this.#say();
  }

  #first(matches: (requests: Set<IncomingMessage>) => boolean): Socket | undefined {
    for (const [socket, requests] of this.#connections) if (matches(requests)) return socket;
    return undefined;
  }

  #say(): void {
    const nowMs = performance.now();
    if (nowMs - this.#saidAt < SAID_AGAIN_AFTER_MS) return;
    this.#saidAt = nowMs;
    const counts = { closed: this.#closed, refused: this.#refused };
    this.#logger.warn({ maxConnections: this.#maxConnections, ...counts }, 'connections.limit_reached');
  }
}
