import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../contracts/system/logger.js';
import { DynamoBatchStore } from '../../../infra/aws/dynamo-batch-store.js';
import { withDynamoFolder } from '../../../infra/embedded/dynamo-folder.js';
import { silent, startBareStack, startTestStack, type TestStack } from '../../support/embedded.js';
import { finished, sampleBatch } from '../../support/sample-batch.js';
import { tempFolder } from '../../support/temp-folder.js';

const OPEN_INDEX = 'index-global~boomerang-batches~open~';

function storeOf(stack: TestStack): DynamoBatchStore {
  return new DynamoBatchStore(stack.clients.dynamodb, stack.resources.tableNames.batches);
}

/** Leaves what a kill in the middle of writes leaves: index entries that are missing, or lead nowhere; no mark. */
async function looseEntriesOfOpenIndex(dataDir: string): Promise<void> {
  await withDynamoFolder(join(dataDir, 'dynamodb'), async ({ db }) => {
    await db.clear({ gte: OPEN_INDEX, lt: `${OPEN_INDEX}\xff` });
    await db.put(`${OPEN_INDEX}loose`, {
      openShard: { S: 'open#0' },
      dueAt: { N: '1' },
      id: { S: 'never-stored' },
    });
  });
  await rm(join(dataDir, 'dynamodb-clean-stop'));
}

describe('the data folder', () => {
  it('keeps tables and items over a restart, and tells a clean stop', async () => {
    const dataDir = await tempFolder();
    const batch = sampleBatch();
    const first = await startTestStack({ dataDir });
    await storeOf(first).create(batch);
    await first.close();
    const events: string[] = [];
    const logger: Logger = { ...silent, warn: (_, event) => events.push(event) };
    await (await startBareStack(dataDir, 0, logger)).close();
    const second = await startTestStack({ dataDir });
    expect(await storeOf(second).read(batch.id)).toEqual(batch);
    expect(events).toEqual([]);
    await second.close();
  });

  it('belongs to one stack at a time: a second one names it and does not start', async () => {
    const dataDir = await tempFolder();
    const first = await startTestStack({ dataDir });
    await expect(startBareStack(dataDir)).rejects.toThrow(`${dataDir}/dynamodb is in use by another process`);
    expect(await storeOf(first).read('unknown')).toBeUndefined();
    await first.close();
  });

  it('is free again where the port was taken', async () => {
    const dataDir = await tempFolder();
    const other = await startBareStack();
    await expect(startBareStack(dataDir, Number(new URL(other.url).port))).rejects.toThrow('EADDRINUSE');
    await (await startBareStack(dataDir)).close();
    await other.close();
  });

  it('is mended after an unclean stop: the index holds every unfinished batch, and nothing else', async () => {
    const dataDir = await tempFolder();
    const [open, done] = [sampleBatch(), sampleBatch()];
    const first = await startTestStack({ dataDir });
    await storeOf(first).create(open);
    await storeOf(first).create(done);
    await storeOf(first).replace(done, finished(done));
    await first.close();
    await looseEntriesOfOpenIndex(dataDir);
    const second = await startTestStack({ dataDir });
    const { entries } = await storeOf(second).listOpen(10);
    expect(entries).toEqual([{ id: open.id, atMs: open.dueAtMs }]);
    await second.close();
  });

  it('is mended after a kill while tables were being made', async () => {
    const dataDir = await tempFolder();
    await (await startTestStack({ dataDir })).close();
    await withDynamoFolder(join(dataDir, 'dynamodb'), async ({ db }) => {
      for await (const table of db.values({
        gte: 'table~boomerang-batches',
        lt: 'table~boomerang-batches\xff',
      })) {
        await db.put('table~boomerang-batches', { ...(table as object), TableStatus: 'CREATING' });
      }
    });
    await rm(join(dataDir, 'dynamodb-clean-stop'));
    const second = await startTestStack({ dataDir });
    expect(await storeOf(second).create(sampleBatch())).toBe('created');
    await second.close();
  });
});
