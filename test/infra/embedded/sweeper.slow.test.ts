import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Logger } from '../../../contracts/system/logger.js';
import { DynamoBatchStore } from '../../../infra/aws/dynamo-batch-store.js';
import { DynamoKeyStore } from '../../../infra/aws/dynamo-key-store.js';
import { DynamoStatsStore } from '../../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../../infra/aws/dynamo-worker-store.js';
import { ensureTables } from '../../../infra/aws/ensure-tables.js';
import { createDynamoServer } from '../../../infra/embedded/dynamo-server.js';
import { deleteExpired, expiringTables, readChunk } from '../../../infra/embedded/expired-items.js';
import { closeServer, listen } from '../../../infra/http/serve.js';
import { createSystemClock } from '../../../infra/process/system-clock.js';
import { clientsOf, silent, startTestStack, type TestStack } from '../../support/embedded.js';
import { tableNames } from '../../../infra/resources/resources.js';
import { eventually } from '../../support/eventually.js';
import { heartbeatOf } from '../../support/running-coordinator.js';
import { finished, HOUR, sampleBatch } from '../../support/sample-batch.js';
import { tempFolder } from '../../support/temp-folder.js';

const SWEEP_EVERY_MS = 50;
const HOUR_MS = 3_600_000;
const clock = createSystemClock();

async function started(options: Parameters<typeof startTestStack>[0] = {}): Promise<TestStack> {
  const stack = await startTestStack({ sweepEveryMs: SWEEP_EVERY_MS, ...options });
  onTestFinished(() => stack.close());
  return stack;
}

const batchesOf = ({ clients, resources }: TestStack) =>
  new DynamoBatchStore(clients.dynamodb, resources.tableNames.batches);

async function countOf({ clients }: TestStack, TableName: string, IndexName?: string): Promise<number> {
  const index = IndexName === undefined ? {} : { IndexName };
  const { Count } = await clients.dynamodb.send(new ScanCommand({ TableName, ...index, Select: 'COUNT' }));
  return Count ?? 0;
}

/** The next whole sweep has passed: what it was to take is gone. */
async function whenSwept(stack: TestStack): Promise<void> {
  const store = batchesOf(stack);
  const bait = finished(sampleBatch(), { expiresAtMs: clock.now() - 1000 });
  await store.create(bait);
  await eventually(async () => (await store.read(bait.id)) === undefined);
}

async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return sizes.reduce((sum, found) => sum + (found?.isFile() === true ? found.size : 0), 0);
}

describe('the sweeper', () => {
  it('deletes finished batches whose time is over, with all their index entries, and leaves the rest', async () => {
    const stack = await started();
    const store = batchesOf(stack);
    const nowMs = clock.now();
    const text = '"expiresAt":{"N":"1"';
    const open = sampleBatch({ inputs: [{ text, requestId: text, acceptedAtMs: 1 }] });
    const kept = finished(sampleBatch(), {
      attentionAtMs: 5,
      expiresAtMs: Math.ceil(nowMs / 1000) * 1000 + HOUR_MS,
    });
    const gone = finished(sampleBatch(), { attentionAtMs: 5, expiresAtMs: nowMs - 1000 });
    for (const batch of [open, kept, gone]) await store.create(batch);
    await eventually(async () => (await store.read(gone.id)) === undefined);
    await whenSwept(stack);
    expect(await store.read(kept.id)).toEqual(kept);
    expect(await store.read(open.id)).toEqual(open);
    const attention = await store.listAttention(nowMs, 10);
    expect(attention.entries.map(({ id }) => id)).toEqual([kept.id]);
    const byTime = await store.listByTime(HOUR, 1e15, 10);
    expect(byTime.entries.map(({ id }) => id).sort()).toEqual([open.id, kept.id].sort());
    expect(await countOf(stack, stack.resources.tableNames.batches, 'byTime')).toBe(2);
  });

  it('deletes what is over in every table that has a time to live', async () => {
    const stack = await started();
    const { clients, resources } = stack;
    const { keys, stats, workers } = resources.tableNames;
    const past = clock.now() - 2 * HOUR_MS;
    const keyStore = new DynamoKeyStore(clients.dynamodb, keys, clock);
    const record = { key: 'old', requestHash: 'h', taskIds: ['t'], expiresAtMs: past };
    await keyStore.create(record);
    await keyStore.create({ ...record, key: 'new', expiresAtMs: clock.now() + HOUR_MS });
    const statsStore = new DynamoStatsStore(clients.dynamodb, stats);
    const row = { coordinatorId: 'c', counts: {}, latency: {}, outstandingTasks: 0, events: [] };
    await statsStore.put({ ...row, second: Math.floor(past / 1000) });
    await statsStore.put({ ...row, second: Math.floor(clock.now() / 1000) });
    const workerStore = new DynamoWorkerStore(clients.dynamodb, workers);
    await workerStore.put({ ...heartbeatOf('gone'), id: 'gone', heartbeatAtMs: past });
    await workerStore.put({ ...heartbeatOf('here'), id: 'here', heartbeatAtMs: clock.now() });
    await eventually(async () => {
      const counts = await Promise.all([keys, stats, workers].map((table) => countOf(stack, table)));
      expect(counts).toEqual([1, 1, 1]);
    });
    expect((await keyStore.read('new'))?.key).toBe('new');
    expect((await workerStore.list()).map(({ id }) => id)).toEqual(['here']);
  });

  it('leaves a key that was taken anew between being found and being deleted', async () => {
    const { server, store } = createDynamoServer(undefined);
    const port = await listen(server, '127.0.0.1', 0);
    const clients = clientsOf(`http://127.0.0.1:${port}`);
    onTestFinished(async () => {
      clients.close();
      await closeServer(server, 1000);
    });
    await ensureTables(clients.dynamodb);
    const keys = new DynamoKeyStore(clients.dynamodb, tableNames.keys, clock);
    const table = expiringTables.find(({ name }) => name === tableNames.keys);
    if (table === undefined) throw new Error('keys expire');
    const record = { requestHash: 'h', taskIds: ['t'], expiresAtMs: clock.now() - 5000 };
    for (const key of ['renewed', 'over', 'gone']) await keys.create({ ...record, key });
    const nowSeconds = Math.floor(clock.now() / 1000);
    const { expired } = await readChunk(store, table, undefined, 10, nowSeconds);
    expect(expired).toHaveLength(3);
    await keys.create({ ...record, key: 'renewed', expiresAtMs: clock.now() + HOUR_MS });
    const deleted = await Promise.all([
      deleteExpired(store, table, expired, nowSeconds),
      deleteExpired(store, table, expired, nowSeconds),
    ]);
    expect(deleted.sort()).toEqual([0, 2]);
    expect((await keys.read('renewed'))?.key).toBe('renewed');
  });

  it('gets through many pieces, on disk, and says how much it deleted', async () => {
    const swept: number[] = [];
    const logger: Logger = {
      ...silent,
      info: (fields, event) => {
        if (event === 'stack.swept' && 'items' in fields) swept.push(Number(fields.items));
      },
    };
    const stack = await started({ dataDir: await tempFolder(), logger });
    const store = batchesOf(stack);
    const expired = Array.from({ length: 300 }, () =>
      finished(sampleBatch(), { expiresAtMs: clock.now() - 1000 }),
    );
    const kept = Array.from({ length: 100 }, () => sampleBatch());
    await Promise.all([...expired, ...kept].map((batch) => store.create(batch)));
    await eventually(() => swept.reduce((sum, items) => sum + items, 0) === 300, { timeoutMs: 20_000 });
    expect(await countOf(stack, stack.resources.tableNames.batches)).toBe(100);
    expect(await store.readMany(kept.map(({ id }) => id))).toHaveLength(100);
  });

  it('gives the room of what it deleted back', async () => {
    const dataDir = await tempFolder();
    const stack = await started({ dataDir });
    const store = batchesOf(stack);
    const text = 'x'.repeat(5000);
    const input = () => ({ text: randomBytes(2500).toString('hex') + text, requestId: 'r', acceptedAtMs: 1 });
    const expired = Array.from({ length: 300 }, () =>
      finished(sampleBatch({ inputs: [input()] }), { expiresAtMs: clock.now() + 1500 }),
    );
    await Promise.all(expired.map((batch) => store.create(batch)));
    const full = await bytesOf(dataDir);
    expect(full).toBeGreaterThan(1_500_000);
    await eventually(async () => (await bytesOf(dataDir)) < full / 10, { timeoutMs: 20_000 });
  });

  it('does not hold up the end of the stack', async () => {
    const stack = await startTestStack({ sweepEveryMs: 1 });
    const store = batchesOf(stack);
    await Promise.all(Array.from({ length: 200 }, () => store.create(sampleBatch())));
    const startedAt = performance.now();
    await stack.close();
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
