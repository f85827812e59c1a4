import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureResources } from '../../infra/aws/ensure-resources.js';
import { resources } from '../../infra/resources/resources.js';
import { useStack } from '../support/any-stack.js';
import { asAws } from '../support/stack-checks.js';

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
    const { VisibilityTimeout } = resources.queues.batches.createQueue.Attributes;
    const attributes = await queueAttributes(queueUrl);
    expect(attributes).toMatchObject({ VisibilityTimeout });
    expect(JSON.parse(attributes['RedrivePolicy'] ?? '')).toEqual({
      deadLetterTargetArn: (await queueAttributes(deadLetterQueueUrl))['QueueArn'],
      maxReceiveCount: resources.queues.batches.maxReceiveCount,
    });
  });

  it('brings an existing queue in line, and keeps everything else', async () => {
    const settings = { visibilityTimeoutSeconds: 7, maxReceiveCount: 3 };
    const { described, ...before } = made;
    expect(await ensureResources(stack().clients, settings, described)).toEqual(before);
    const attributes = await queueAttributes(made.queueUrl);
    expect(attributes).toMatchObject({ VisibilityTimeout: '7' });
    expect(JSON.parse(attributes['RedrivePolicy'] ?? '')).toMatchObject({ maxReceiveCount: 3 });
  });

  asAws(
    'keeps messages as long as it is told, and no longer',
    {
      embedded: 'as AWS',
      instead:
        'a message that stays for ever is found finished, or without its item, and deleted when it comes',
    },
    async () => {
      const { described } = made;
      expect(await queueAttributes(made.queueUrl)).toMatchObject({
        MessageRetentionPeriod: resources.queues.batches.createQueue.Attributes['MessageRetentionPeriod'],
      });
      await ensureResources(stack().clients, { messageRetentionSeconds: 3600 }, described);
      expect(await queueAttributes(made.queueUrl)).toMatchObject({ MessageRetentionPeriod: '3600' });
    },
  );

  asAws(
    'has expired items dropped',
    {
      embedded: 'otherwise',
      instead:
        'expired keys count as none wherever they are read; the embedded stack sweeps its tables itself',
    },
    async () => {
      for (const { updateTimeToLive } of Object.values(made.described.tables)) {
        if (updateTimeToLive === undefined) continue;
        const { TableName, TimeToLiveSpecification: wanted } = updateTimeToLive;
        const { TimeToLiveDescription: ttl } = await stack().clients.dynamodb.send(
          new DescribeTimeToLiveCommand({ TableName }),
        );
        expect(ttl?.AttributeName).toBe(wanted.AttributeName);
        expect(ttl?.TimeToLiveStatus).toMatch(/^ENABL/);
      }
    },
  );

  it('can be done again, and changes nothing then', async () => {
    const { described, ...before } = await stack().all({ maxReceiveCount: 5 });
    const attributes = await queueAttributes(before.queueUrl);
    expect(await ensureResources(stack().clients, { maxReceiveCount: 5 }, described)).toEqual(before);
    const { LastModifiedTimestamp: _, ...after } = await queueAttributes(before.queueUrl);
    expect(attributes).toMatchObject(after);
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
