/** Replies of a server that wait for something, such as the disk, before they go out. */
import type { RequestListener, Server, ServerResponse } from 'node:http';

/** @param beforeReply what the reply that is ready now waits for; one that fails makes it a 500 */
export function holdReplies(server: Server, beforeReply: () => Promise<void> | undefined): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    holdEnd(response, beforeReply);
    for (const listener of listeners) listener(request, response);
  });
}

function holdEnd(response: ServerResponse, beforeReply: () => Promise<void> | undefined): void {
  const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
  response.end = (...given: unknown[]) => {
    const awaited = beforeReply();
    if (awaited === undefined) return end(...given);
    awaited.then(
      () => end(...given),
      () => end(becomeServerError(response)),
    );
    return response;
  };
}

function becomeServerError(response: ServerResponse): string {
  const body = JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError',
    message: 'The embedded stack cannot bring what was written to the disk',
  });
  response.statusCode = 500;
  response.removeHeader('x-amz-crc32');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  return body;
}
