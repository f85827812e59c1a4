/**
 * One port for both: calls of DynamoDB go to dynalite, calls of SQS to the queue, and nothing else to either. On their way
 * they meet what is wrong with the network; what we ask of the front itself does not.
 */
import { NETWORK_PATH } from '../../contracts/control/network-fault.js';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { bearerCheck, secretCheck } from '../../contracts/http/bearer.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { RequestGuard } from '../../contracts/http/request-guard.js';
import { JSON_PROTOCOL, readAwsRequest } from './aws-requests.js';
import { NetworkFaults } from './network-faults.js';
import { handleNetworkRequest, type NetworkRouteParts } from './network-route.js';
import type { QueueApp } from './queue-app.js';
import { sendJson } from './send-json.js';

export const HEALTH_PATH = '/_boomerang/health';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface FrontOptions {
  readonly guard: RequestGuard;
  /** The access key that callers must name; any does where it is absent. */
  readonly accessKeyId: string | undefined;
  /** The token for changes of the network; nobody may change it where it is absent. */
  readonly controlToken: string | undefined;
  readonly logger: Logger;
}

/** dynalite's own server is the front, because closing it is the only way to close its database. */
export function installFront(dynamoServer: Server, queueApp: QueueApp, options: FrontOptions): void {
  const { guard, accessKeyId, controlToken, logger } = options;
  const dynamo = dynamoServer.listeners('request') as RequestListener[];
  const network = new NetworkFaults(() => performance.now(), Math.random);
  const connections = trackConnections(dynamoServer);
  const admin: NetworkRouteParts = {
    network,
    isAuthorized: controlToken === undefined ? () => false : bearerCheck(controlToken),
    onCut: () => connections.resetAll(),
    onChange: () => logger.info(network.view(), 'network.changed'),
  };
  const isAccessKey = accessKeyId === undefined ? undefined : secretCheck(accessKeyId);
  const serve: Handler = (request, response) => {
    const service = readAwsRequest(request, isAccessKey);
    request.headers['content-type'] = JSON_PROTOCOL; // of its two versions the engines know one
    if (service === 'dynamodb') passToDynamo(dynamo, request, response);
    else if (service === 'sqs') queueApp.handle(request, response);
    else sendJson(response, service.status, { __type: service.type, message: service.message });
  };
  dynamoServer.removeAllListeners('request');
  dynamoServer.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = guard(request);
    if (refusal !== undefined) {
      sendJson(response, refusal.status, { __type: refusal.code, message: refusal.detail });
    } else if (request.url === HEALTH_PATH) sendJson(response, 200, { status: 'ok' });
    else if (request.url === NETWORK_PATH) {
      connections.spare(request.socket, response);
      void handleNetworkRequest(admin, request, response).catch(() => response.destroy());
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
  callLater(oneWayMs, () => {
    if (!request.destroyed) serve(request, response);
  });
}

/** The work is done; its caller may be gone before it hears of it. */
function delayEnd(response: ServerResponse, delayMs: number): void {
  const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
  response.end = (...given: unknown[]) => {
    callLater(delayMs, () => end(...given));
    return response;
  };
}

/** No reason for the process to live on. */
function callLater(delayMs: number, call: () => void): void {
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

function passToDynamo(dynamo: RequestListener[], request: IncomingMessage, response: ServerResponse): void {
  delete request.headers.origin; // dynalite would let every origin read the answer
  for (const listener of dynamo) listener(request, response);
  // dynalite throws the error of a caller that vanishes in the middle of its request: that would end the process.
  request.removeAllListeners('error');
  request.on('error', () => response.destroy());
}
