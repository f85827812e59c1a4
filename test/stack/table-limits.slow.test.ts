/** Tests what the coordinator relies on in the tables, each thing by itself. */
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import { DynamoBatchStore } from '../../infra/aws/dynamo-batch-store.js';
import { DynamoStatsStore } from '../../infra/aws/dynamo-stats-store.js';
import { ensureTables } from '../../infra/aws/ensure-tables.js';
import { removeTables } from '../../infra/aws/remove-resources.js';
import { tableNamesOf, type TableNames } from '../../infra/resources/resources.js';
import { useStack } from '../support/any-stack.js';
import { eventually } from '../support/eventually.js';
import { finished, sampleBatch } from '../support/sample-batch.js';
import { asAws, note } from '../support/stack-checks.js';

/** The size that a batch may have, as JSON; see the coordinator's settings. */
const PRODUCT_BOUND_BYTES = 200_000;
/** One answer of BatchGetItem holds 16 MB. */
const MORE_THAN_ONE_ANSWER = 90;
const AT_ONCE = 6;

const stack = useStack();
let names: TableNames;
let store: DynamoBatchStore;

beforeAll(async () => {
  names = await stack().tables();
  store = new DynamoBatchStore(stack().clients.dynamodb, names.batches);
});

function batchOfBytes(bytes: number): BatchDocument {
  const inputs = [{ text: 'x'.repeat(bytes), requestId: 'request-1', acceptedAtMs: 1 }];
  return sampleBatch({ inputs, tasks: [{ status: 'open', failedAlone: 0 }] });
}

function tooLarge(batch: BatchDocument): BatchDocument {
  return finished(batch, { redrivenAs: { 0: 'x'.repeat(420_000) } });
}

async function inTurns<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await call(item);
    }),
  );
}

describe('an item', () => {
  it('may be as large as the product makes it, and is found again whole', async () => {
    const batch = batchOfBytes(PRODUCT_BOUND_BYTES);
    expect(await store.create(batch)).toBe('created');
    expect(await store.read(batch.id)).toEqual(batch);
    expect(await store.replace(batch, finished(batch))).toBe('written');
    expect((await store.read(batch.id))?.tasks).toEqual(finished(batch).tasks);
  });

  it('over 400 KB is refused for good', async () => {
    const batch = batchOfBytes(1000);
    await store.create(batch);
    const refused = await store.replace(batch, tooLarge(batch)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(refused).not.toBeInstanceOf(StackUnavailableError);
  });

  asAws(
    'is left as it was by an update that makes it too large',
    { embedded: 'as AWS', instead: 'nothing: a batch is bounded to half of it, and never gets there' },
    async () => {
      const batch = batchOfBytes(1000);
      await store.create(batch);
      await expect(store.replace(batch, tooLarge(batch))).rejects.toThrow();
      expect(await store.read(batch.id)).toEqual(batch);
    },
  );

  it('is read as it was last written, at once', async () => {
    let batch = batchOfBytes(100);
    await store.create(batch);
    for (let nth = 0; nth < 30; nth += 1) {
      const next = { ...batch, rev: batch.rev + 1, touchedAtMs: nth };
      expect(await store.replace(batch, next)).toBe('written');
      expect(await store.read(batch.id)).toEqual(next);
      batch = next;
    }
  });

  asAws(
    'that is in the way is told with the failed condition',
    { embedded: 'otherwise', instead: 'the adapter reads it, consistently' },
    async () => {
      const item = { id: { S: 'in the way' }, held: { S: 'this' } };
      const put = new PutItemCommand({
        TableName: names.batches,
        Item: item,
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      await stack().clients.dynamodb.send(put);
      await expect(stack().clients.dynamodb.send(put)).rejects.toMatchObject({ Item: item });
    },
  );

  asAws(
    'takes no expression over 4 KB',
    { embedded: 'otherwise', instead: 'slots are one attribute, and no expression names a single one' },
    async () => {
      const batch = batchOfBytes(10);
      await store.create(batch);
      const entries = Array.from({ length: 300 }, (_, index) => `attribute${index} = :value`);
      const update = new UpdateItemCommand({
        TableName: names.batches,
        Key: { id: { S: batch.id } },
        UpdateExpression: `SET ${entries.join(', ')}`,
        ExpressionAttributeValues: { ':value': { N: '1' } },
      });
      await expect(stack().clients.dynamodb.send(update)).rejects.toThrow();
    },
  );
});

describe('reading many', () => {
  it('brings all, though one answer cannot hold them', async (context) => {
    const batches = Array.from({ length: MORE_THAN_ONE_ANSWER }, () => batchOfBytes(PRODUCT_BOUND_BYTES));
    await inTurns(batches, (batch) => store.create(batch));
    const startedAtMs = performance.now();
    const found = await store.readMany(batches.map(({ id }) => id));
    note(context, `${Math.round(performance.now() - startedAtMs)} ms for 18 MB`);
    expect(found.map(({ id }) => id).sort()).toEqual(batches.map(({ id }) => id).sort());
  });

  it('brings a hundred small ones at once', async () => {
    const batches = Array.from({ length: 100 }, () => batchOfBytes(50));
    await inTurns(batches, (batch) => store.create(batch));
    expect(await store.readMany(batches.map(({ id }) => id))).toHaveLength(100);
  });
});

describe('a query', () => {
  it('of more than one page of 1 MB brings every row', async () => {
    const statistics = new DynamoStatsStore(stack().clients.dynamodb, names.stats);
    const minute = 30_000_000;
    const rows = Array.from({ length: 60 }, (_, index) => ({
      coordinatorId: 'coordinator-a',
      second: minute * 60 + index,
      counts: { accepted: index },
      latency: {},
      outstandingTasks: 0,
      events: [{ atMs: 1, name: 'long', fields: { text: 'x'.repeat(25_000) } }],
    }));
    await inTurns(rows, (row) => statistics.put(row));
    const found = await statistics.range(minute * 60_000, (minute + 1) * 60_000);
    expect(found.map(({ second }) => second)).toEqual(rows.map(({ second }) => second));
  });
});

describe('a sparse index', () => {
  it('lists what is unfinished, and loses each entry when its batch is finished', async () => {
    const own = new DynamoBatchStore(stack().clients.dynamodb, (await stack().tables()).batches);
    const batches = Array.from({ length: 40 }, (_, index) => sampleBatch({ dueAtMs: 1000 + index }));
    await inTurns(batches, (batch) => own.create(batch));
    const dueTimes = async () => (await own.listOpen(100)).entries.map(({ atMs }) => atMs);
    await eventually(async () => {
      expect(await dueTimes()).toEqual(batches.map(({ dueAtMs }) => dueAtMs));
    });
    await inTurns(batches.slice(0, 30), (batch) =>
      own.replace(batch, finished(batch, { attentionAtMs: batch.dueAtMs ?? 0 })),
    );
    await eventually(async () => {
      expect(await dueTimes()).toEqual(batches.slice(30).map(({ dueAtMs }) => dueAtMs));
      expect((await own.listAttention(5000, 100)).entries).toHaveLength(30);
    });
  });
});

describe('tables that are gone', () => {
  it('are told as a stack that does not answer, and can be made again, empty', async () => {
    const described = stack().names();
    const { dynamodb } = stack().clients;
    await ensureTables(dynamodb, described);
    const own = new DynamoBatchStore(dynamodb, tableNamesOf(described).batches);
    const batch = sampleBatch();
    await own.create(batch);
    await removeTables(dynamodb, described);
    const unavailable = { code: 'stack_unavailable' };
    await eventually(async () => {
      await expect(own.read(batch.id)).rejects.toMatchObject(unavailable);
    });
    await expect(own.create(batch)).rejects.toMatchObject(unavailable);
    await expect(own.replace(batch, finished(batch))).rejects.toMatchObject(unavailable);
    await expect(own.listOpen(1)).rejects.toMatchObject(unavailable);
    await eventually(() => ensureTables(dynamodb, described).then(() => true));
    expect(await own.read(batch.id)).toBeUndefined();
  });
});
