import { describe, expect, it } from 'vitest';
import { findStack, type StackChoice } from '../../../tools/monitor/find-stack.js';
import { writeControlFile } from '../../../supervisor/control-file.js';
import { tempFolder } from '../../support/temp-folder.js';

const STACK = 'http://127.0.0.1:4566';

async function choice(chosen: Partial<StackChoice> = {}): Promise<StackChoice> {
  const dataFolder = await tempFolder();
  await writeControlFile(dataFolder, {
    controlUrl: 'http://127.0.0.1:1',
    token: 'secret',
    workerToken: 'shared',
    coordinatorUrl: 'http://127.0.0.1:8080',
    stackUrl: STACK,
    region: 'eu-central-1',
    workers: [],
    pid: 1,
  });
  return {
    endpointSqs: undefined,
    endpointDynamodb: undefined,
    live: false,
    dataFolder,
    isFolderNamed: false,
    defaultEndpoint: STACK,
    region: 'us-west-2',
    ...chosen,
  };
}

describe('the region that is watched', () => {
  it('is that of the running system', async () => {
    expect(await findStack(await choice())).toEqual({
      endpointSqs: STACK,
      endpointDynamodb: STACK,
      region: 'eu-central-1',
    });
  });

  it('is that of the running system also where its stack is named, in other words', async () => {
    const endpoint = 'http://localhost:4566';
    const found = await findStack(await choice({ endpointSqs: endpoint, endpointDynamodb: endpoint }));
    expect(found.region).toBe('eu-central-1');
  });

  it('is what was said of any other stack, and of real AWS', async () => {
    const endpoint = 'http://127.0.0.1:9999';
    const other = await choice({ endpointSqs: endpoint, endpointDynamodb: endpoint });
    expect((await findStack(other)).region).toBe('us-west-2');
    expect((await findStack(await choice({ live: true }))).region).toBe('us-west-2');
  });
});
