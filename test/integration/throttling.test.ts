/** What no emulator does: a stack that says that it is asked too much. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StackUnavailableError } from '../../contracts/errors.js';
import { portsOf } from '../../infra/aws/ports.js';
import { tableNames } from '../../infra/resources/resources.js';
import { clientsOf } from '../support/embedded.js';
import { messageOf, sampleBatch } from '../support/sample-batch.js';

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Ports on a server that answers every call so. */
async function portsOn(answer: Answer) {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume().on('end', () => {
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    clients.close();
    server.closeAllConnections();
    server.close();
  });
  const urls = { queueUrl: 'http://queue/1', deadLetterQueueUrl: 'http://queue/2' };
  return {
    ...portsOf(clients, { ...urls, tableNames }, { now: () => 0 }),
    calls: () => calls,
  };
}

const refusing = (name: string) => portsOn({ status: 400, body: { __type: name, message: 'too much' } });

describe('a stack that throttles', () => {
  it.each([
    'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    'com.amazon.coral.availability#ThrottlingException',
    'com.amazonaws.dynamodb.v20120810#RequestLimitExceeded',
  ])('is asked once more, then taken for one that does not answer: %s', async (name) => {
    const { batches, keys, calls } = await refusing(name);
    const batch = sampleBatch();
    const asked = [batches.create(batch), batches.replace(batch, batch), keys.read('key')];
    const results = await Promise.allSettled(asked);
    for (const result of results) {
      expect(result).toMatchObject({ reason: expect.any(StackUnavailableError) as Error });
    }
    expect(calls()).toBe(2 * asked.length);
  });

  it('is asked once more by a queue as well', async () => {
    const { queue, calls } = await refusing('com.amazonaws.sqs#RequestThrottled');
    await expect(queue.send(messageOf(sampleBatch()))).rejects.toBeInstanceOf(StackUnavailableError);
    expect(calls()).toBe(2);
  });

  it('by giving nothing of many is not asked for ever', async () => {
    const unprocessed = { [tableNames.batches]: { Keys: [{ id: { S: 'one' } }] } };
    const { batches, calls } = await portsOn({
      status: 200,
      body: { Responses: {}, UnprocessedKeys: unprocessed },
    });
    await expect(batches.readMany(['one'])).rejects.toMatchObject({ code: 'stack_unavailable' });
    expect(calls()).toBe(1);
  });
});
