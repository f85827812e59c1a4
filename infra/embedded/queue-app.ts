/** SQS in memory: fauxqs without a port of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildApp } from 'fauxqs';
import { JSON_PROTOCOL } from './aws-requests.js';
import { RECEIVE_TARGET, readReceive } from './abandoned-receives.js';
import { parseQueueBody, queueErrorOf, requireObject } from './queue-body.js';
import { correctDeadlines } from './correct-deadlines.js';

export interface QueueApp {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Answers waiting receives at once, empty. */
  close(): Promise<void>;
}

/** fauxqs has other queues in each region, dynalite the same tables in all: a stack on this machine has one region. */
const REGION = 'us-east-1';

function inOneRegion(authorization: string | undefined): string | undefined {
  return authorization?.replace(/(Credential=[^/,\s]+\/\d{8})\/[^/]+\//, `$1/${REGION}/`);
}

export async function createQueueApp(): Promise<QueueApp> {
  await correctDeadlines();
  const app = buildApp({ logger: false });
  app.removeContentTypeParser(JSON_PROTOCOL);
  app.addContentTypeParser(JSON_PROTOCOL, { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, parseQueueBody(body));
    } catch (error) {
      done(error as Error);
    }
  });
  // Without a body no parser is asked.
  app.addHook('preHandler', ({ body }, _reply, done) => {
    try {
      requireObject(body);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, _request, reply) => {
    const { status, body } = queueErrorOf(error);
    void reply.code(status).type(JSON_PROTOCOL).send(JSON.stringify(body));
  });

  async function makeVisible(queueUrl: string, receiptHandle: string): Promise<void> {
    await app.inject({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': JSON_PROTOCOL,
        'x-amz-target': 'AmazonSQS.ChangeMessageVisibility',
      },
      payload: JSON.stringify({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }),
    });
  }

  app.addHook('onSend', async (request, reply, payload) => {
    const isReceive = request.headers['x-amz-target'] === RECEIVE_TARGET;
    if (!isReceive || !reply.raw.destroyed) return payload;
    const received = readReceive(request.body, payload);
    if (received !== undefined) {
      const { queueUrl, receiptHandles } = received;
      await Promise.all(receiptHandles.map((handle) => makeVisible(queueUrl, handle)));
    }
    return payload;
  });

  await app.ready();
  return {
    handle: (request, response) => {
      request.headers.authorization = inOneRegion(request.headers.authorization);
      app.routing(request, response);
    },
    close: () => app.close(),
  };
}
