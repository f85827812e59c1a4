import { expect, it, onTestFinished } from 'vitest';
import { FollowedStack } from '../../tools/monitor/followed-stack.js';
import { removeControlFile, writeControlFile } from '../../tools/up/control-file.js';
import { startTestStack } from '../support/embedded.js';
import { tempFolder } from '../support/temp-folder.js';

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

it('a system that comes back with another access key and another port is found again', async () => {
  const dataFolder = await tempFolder();
  const first = await startSystem(dataFolder);
  const stack = await FollowedStack.find({
    endpointSqs: undefined,
    endpointDynamodb: undefined,
    live: false,
    dataFolder,
    isFolderNamed: true,
    usualEndpoint: first,
    region: 'us-east-1',
  });
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
