import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureResources } from '../../infra/aws/ensure-resources.js';
import { resources } from '../../infra/resources/resources.js';
import { useStack } from '../support/any-stack.js';

const stack = useStack();
let made: Awaited<ReturnType<ReturnType<typeof stack>['all']>>;
beforeAll(async () => {
  made = await stack().all();
});

async function queueAttributes(queueUrl: string): Promise<Record<string, string>> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
  return (await stack().clients.sqs.send(command)).Attributes ?? {};
}

describe('ensureResources', () => {
  it('creates the tables with their indexes', async () => {
    const { Table: table } = await stack().clients.dynamodb.send(
      new DescribeTableCommand({ TableName: made.tableNames.batches }),
    );
    expect(table?.TableStatus).toBe('ACTIVE');
    expect(table?.GlobalSecondaryIndexes?.map(({ IndexName: name }) => name).sort()).toEqual([
      'attention',
      'byTime',
      'open',
    ]);
  });

  it('creates the queue with the defaults of the description', async () => {
    const { queueUrl, deadLetterQueueUrl } = made;
    const { Attributes: defaults } = resources.queues.batches.createQueue;
    const attributes = await queueAttributes(queueUrl);
    expect(attributes).toMatchObject(defaults);
    expect(JSON.parse(attributes['RedrivePolicy'] ?? '')).toEqual({
      deadLetterTargetArn: (await queueAttributes(deadLetterQueueUrl))['QueueArn'],
      maxReceiveCount: resources.queues.batches.maxReceiveCount,
    });
  });

  it('brings an existing queue in line, and keeps everything else', async () => {
    const settings = { visibilityTimeoutSeconds: 7, maxReceiveCount: 3, messageRetentionSeconds: 3600 };
    const { described, ...before } = made;
    expect(await ensureResources(stack().clients, settings, described)).toEqual(before);
    const attributes = await queueAttributes(made.queueUrl);
    expect(attributes).toMatchObject({ VisibilityTimeout: '7', MessageRetentionPeriod: '3600' });
    expect(JSON.parse(attributes['RedrivePolicy'] ?? '')).toMatchObject({ maxReceiveCount: 3 });
  });

  it('can be done by several at once', async () => {
    const described = stack().names();
    const all = [stack().connect(), stack().connect(), stack().connect()];
    const results = await Promise.all(
      all.map((clients) => ensureResources(clients, { maxReceiveCount: 4 }, described)),
    );
    expect(new Set(results.map(({ queueUrl }) => queueUrl)).size).toBe(1);
  });
});
