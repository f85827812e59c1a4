/** The process controller over HTTP, on loopback, for callers that can read the token in the data folder. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bearerCheck } from '../contracts/http/bearer.js';
import type { Logger } from '../contracts/system/logger.js';
import { createRequestGuard } from '../contracts/http/request-guard.js';
import { PROCESS_ACTIONS } from '../contracts/control/control-protocol.js';
import { ControlError, type ProcessController, type RefusalCode } from './process-controller.js';

export interface ControlServer {
  readonly url: string;
  close(): void;
}

const LOOPBACK = '127.0.0.1';
const STATUS_OF: Readonly<Record<RefusalCode, number>> = {
  unknown: 404,
  impossible: 409,
  too_slow: 504,
  stopping: 503,
};

export async function startControlServer(
  controller: ProcessController,
  token: string,
  logger: Logger,
): Promise<ControlServer> {
  const guard = createRequestGuard({ host: LOOPBACK, allowedHosts: [], ownNames: () => [] });
  const isAuthorized = bearerCheck(token);
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  server.unref(); // it is no reason for the supervisor to live on

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume(); // nothing is said in bodies
    const refusal = guard(request);
    if (refusal !== undefined) {
      refuse(response, refusal.status, refusal.detail);
      return;
    }
    if (!isAuthorized(request.headers.authorization)) {
      refuse(response, 401, 'this needs the token of the file supervisor.json');
      return;
    }
    try {
      await serve(request, response);
    } catch (error) {
      if (!(error instanceof ControlError)) logger.error({ error }, 'control.failed');
      const status = error instanceof ControlError ? STATUS_OF[error.code] : 500;
      refuse(response, status, error instanceof Error ? error.message : String(error));
    }
  }

  async function serve({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(url, 'http://control');
    if (method === 'GET' && pathname === '/processes') {
      send(response, 200, { processes: controller.list() });
      return;
    }
    const [, name, word] = /^\/processes\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
    const action = PROCESS_ACTIONS.find((known) => known === word);
    if (method !== 'POST' || name === undefined || action === undefined) {
      refuse(response, 404, `there is no ${method ?? ''} ${pathname} here`);
      return;
    }
    const empty = searchParams.get('empty') === 'true';
    logger.info({ child: name, action, ...(empty && { empty }) }, 'process.controlled');
    send(response, 200, await controller.act(name, action, { empty }));
  }

  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  send(response, status, { type: 'about:blank', status, detail });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}
