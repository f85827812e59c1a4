import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClients } from '../../../infra/aws/clients.js';
import { startTestStack, type TestStack } from '../../support/embedded.js';

interface Call {
  readonly operation: string;
  readonly durationMs: number;
  readonly error: string | undefined;
}

describe('calls to the stack', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(() => stack.close());

  const observed = (url: string) => {
    const calls: Call[] = [];
    const observer = {
      called: (operation: string, durationMs: number, error: string | undefined) =>
        void calls.push({ operation, durationMs, error }),
    };
    const options = { endpointSqs: url, endpointDynamodb: url, region: 'us-east-1', live: false, observer };
    const clients = createClients(options);
    return { calls, ...clients, close: () => clients.close() };
  };

  it('are told, each with its operation and how long it took', async () => {
    const { calls, sqs, dynamodb, close } = observed(stack.url);
    const { queueUrl } = stack.resources;
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1 }));
    const get = { TableName: stack.resources.tableNames.meta, Key: { name: { S: 'nothing' } } };
    await dynamodb.send(new GetItemCommand(get));
    await dynamodb.send(new GetItemCommand(get));
    close();
    expect(calls.map(({ operation, error }) => [operation, error])).toEqual([
      ['ReceiveMessage', undefined],
      ['GetItem', undefined],
      ['GetItem', undefined],
    ]);
    expect(calls[0]?.durationMs).toBeGreaterThan(900);
    expect(calls[1]?.durationMs).toBeGreaterThan(0);
  });

  it('name their error, but a condition that does not hold is none', async () => {
    const { calls, sqs, dynamodb, close } = observed(stack.url);
    const put = new PutItemCommand({
      TableName: stack.resources.tableNames.meta,
      Item: { name: { S: 'x' } },
      ConditionExpression: 'attribute_exists(marker)',
    });
    await expect(dynamodb.send(put)).rejects.toThrow();
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'nowhere' }))).rejects.toThrow();
    close();
    expect(calls.map(({ operation, error }) => [operation, error])).toEqual([
      ['PutItem', undefined],
      ['GetQueueUrl', expect.stringMatching(/NonExistentQueue|QueueDoesNotExist/)],
    ]);
  });

  it('that nobody answers name the reason', async () => {
    const { calls, dynamodb, close } = observed('http://127.0.0.1:1');
    await expect(dynamodb.send(new GetItemCommand({ TableName: 'x', Key: {} }))).rejects.toThrow();
    close();
    expect(calls).toHaveLength(1);
    expect(calls[0]?.error).toEqual(expect.any(String));
  });
});
