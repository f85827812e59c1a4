import { expect, it, onTestFinished } from 'vitest';
import type { FoundStack } from '../../../tools/monitor/find-stack.js';
import { WatchedStack, type OpenedStack } from '../../../tools/monitor/followed-stack.js';
import { removeControlFile, writeControlFile } from '../../../supervisor/control-file.js';
import { tableNames } from '../../../infra/resources/resources.js';
import { DynamoBatchStore } from '../../../infra/aws/dynamo-batch-store.js';
import { DynamoStatsStore } from '../../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../../infra/aws/dynamo-worker-store.js';
import { SqsQueueReader } from '../../../infra/aws/sqs-queue-reader.js';
import { clientsOf, startTestStack } from '../../support/embedded.js';
import { tempFolder } from '../../support/temp-folder.js';

async function startSystem(dataFolder: string, accessKeyId?: string): Promise<string> {
  const stack = await startTestStack(accessKeyId === undefined ? {} : { accessKeyId });
  onTestFinished(() => stack.close());
  await writeControlFile(dataFolder, {
    controlUrl: 'http://127.0.0.1:1',
    token: 'secret',
    workerToken: 'shared',
    coordinatorUrl: 'http://127.0.0.1:1',
    stackUrl: stack.url,
    ...(accessKeyId === undefined ? {} : { stackAccessKeyId: accessKeyId }),
    region: 'us-east-1',
    workers: [],
    pid: process.pid,
  });
  return stack.url;
}

function openStack({ endpointSqs = '', accessKeyId }: FoundStack): OpenedStack {
  const { sqs, dynamodb, ...clients } = clientsOf(endpointSqs, accessKeyId);
  const readers = {
    queue: new SqsQueueReader(sqs),
    workers: new DynamoWorkerStore(dynamodb, tableNames.workers),
    stats: new DynamoStatsStore(dynamodb, tableNames.stats),
    batches: new DynamoBatchStore(dynamodb, tableNames.batches),
  };
  return { readers, close: () => clients.close() };
}

it('a system that comes back with another access key and another port is found again', async () => {
  const dataFolder = await tempFolder();
  const first = await startSystem(dataFolder);
  const stack = await WatchedStack.find(
    {
      endpointSqs: undefined,
      endpointDynamodb: undefined,
      live: false,
      dataFolder,
      isFolderNamed: true,
      defaultEndpoint: first,
      region: 'us-east-1',
    },
    openStack,
  );
  onTestFinished(() => stack.close());
  expect(await stack.readers.workers.list()).toEqual([]);

  await removeControlFile(dataFolder);
  await stack.findAgain();
  expect(stack.endpoint).toBe(first);

  for (const accessKeyId of ['secret-of-the-next-run', 'secret-of-another-run']) {
    const url = await startSystem(dataFolder, accessKeyId);
    await stack.findAgain();
    expect(stack.endpoint).toBe(url);
    expect(await stack.readers.workers.list()).toEqual([]);
    expect((await stack.readers.queue.batches()).depth.visible).toBe(0);
  }
});
