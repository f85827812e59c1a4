/**
 * One port for both: requests for DynamoDB go to dynalite, everything else to the queue. On their way they meet what is
 * wrong with the network; what we ask of the front itself does not.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../contracts/ports.js';
import { NetworkFaults } from './network-faults.js';
import { answerNetwork, NETWORK_PATH, type NetworkRouteParts } from './network-route.js';
import type { QueueApp } from './queue-app.js';

export const HEALTH_PATH = '/_boomerang/health';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** dynalite's own server is the front, because closing it is the only way to close its database. */
export function putInFrontOf(dynamoServer: Server, queueApp: QueueApp, logger: Logger): void {
  const dynamo = dynamoServer.listeners('request') as RequestListener[];
  const network = new NetworkFaults(() => performance.now(), Math.random);
  const connections = trackConnections(dynamoServer);
  const admin: NetworkRouteParts = {
    network,
    onCut: () => connections.resetAll(),
    onChange: () => logger.info(network.view(), 'network.changed'),
  };
  const serve: Handler = (request, response) => {
    if (isForDynamo(request)) passToDynamo(dynamo, request, response);
    else queueApp.handle(request, response);
  };
  dynamoServer.removeAllListeners('request');
  dynamoServer.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === HEALTH_PATH) answerHealth(response);
    else if (request.url === NETWORK_PATH) {
      connections.spare(request.socket, response);
      void answerNetwork(admin, request, response).catch(() => response.destroy());
    } else passNetwork(network, serve, request, response);
  });
}

function passNetwork(
  network: NetworkFaults,
  serve: Handler,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (network.isCut) {
    request.socket.resetAndDestroy();
    return;
  }
  const oneWayMs = network.drawDelayMs() / 2;
  if (oneWayMs === 0) {
    serve(request, response);
    return;
  }
  delayEnd(response, oneWayMs);
  later(oneWayMs, () => {
    if (!request.destroyed) serve(request, response);
  });
}

/** The work is done; its caller may be gone before it hears of it. */
function delayEnd(response: ServerResponse, delayMs: number): void {
  const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
  response.end = (...given: unknown[]) => {
    later(delayMs, () => end(...given));
    return response;
  };
}

/** No reason for the process to live on. */
function later(delayMs: number, call: () => void): void {
  setTimeout(call, delayMs).unref();
}

/** Every connection of a server, so that a cut can reset those that are open. */
function trackConnections(server: Server) {
  const open = new Set<Socket>();
  const spared = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  return {
    resetAll: () => {
      for (const socket of open) if (!spared.has(socket)) socket.resetAndDestroy();
    },
    spare: (socket: Socket, response: ServerResponse) => {
      spared.add(socket);
      response.on('close', () => spared.delete(socket));
    },
  };
}

function isForDynamo(request: IncomingMessage): boolean {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' && target.startsWith('DynamoDB');
}

function passToDynamo(dynamo: RequestListener[], request: IncomingMessage, response: ServerResponse): void {
  for (const listener of dynamo) listener(request, response);
  // dynalite throws the error of a caller that vanishes in the middle of its request: that would end the process.
  request.removeAllListeners('error');
  request.on('error', () => response.destroy());
}

function answerHealth(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"status":"ok"}');
}
