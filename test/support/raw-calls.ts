/** Calls to a stack below the SDK, for callers that misbehave. */
import { request, type ClientRequest } from 'node:http';
import { connect } from 'node:net';

export interface WaitingReceive {
  /** The body of the answer. */
  readonly answer: Promise<string>;
  abandon(): void;
}

/** Resolves when the stack waits for messages on behalf of this call. */
export async function startWaitingReceive(
  stackUrl: string,
  queueUrl: string,
  waitSeconds: number,
): Promise<WaitingReceive> {
  const call = request(stackUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
  });
  const answer = answerOf(call);
  answer.catch(() => undefined); // an abandoned one fails
  await new Promise<void>((resolve) => {
    call.end(JSON.stringify({ QueueUrl: queueUrl, WaitTimeSeconds: waitSeconds }), resolve);
  });
  await settle(stackUrl);
  return { answer, abandon: () => call.destroy() };
}

/** The stack has taken in all that was sent to it before. */
export async function settle(stackUrl: string): Promise<void> {
  for (let round = 0; round < 3; round += 1) await (await fetch(`${stackUrl}/_boomerang/health`)).text();
}

/** Begins a write to DynamoDB, and is gone before its end. */
export async function vanishWhileWriting(stackUrl: string): Promise<void> {
  const { hostname, port } = new URL(stackUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    const head = 'POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: DynamoDB_20120810.PutItem\r\n';
    socket.write(`${head}content-type: application/x-amz-json-1.0\r\ncontent-length: 1000\r\n\r\n{`, () =>
      resolve(),
    );
  });
  await settle(stackUrl);
  socket.resetAndDestroy();
  await settle(stackUrl);
}

function answerOf(call: ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    call.on('error', reject);
    call.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body));
    });
  });
}
