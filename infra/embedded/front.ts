/** One port for both: requests for DynamoDB go to dynalite, everything else to the queue. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { QueueApp } from './queue-app.js';

export const HEALTH_PATH = '/_boomerang/health';

/** dynalite's own server is the front, because closing it is the only way to close its database. */
export function putInFrontOf(dynamoServer: Server, queueApp: QueueApp): void {
  const dynamo = dynamoServer.listeners('request') as RequestListener[];
  dynamoServer.removeAllListeners('request');
  dynamoServer.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === HEALTH_PATH) answerHealth(response);
    else if (isForDynamo(request)) passToDynamo(dynamo, request, response);
    else queueApp.handle(request, response);
  });
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
