import { PutItemCommand, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IdempotencyRecord } from '../../contracts/stack/stores.js';
import type { StatsRow } from '../../contracts/stats/stats.js';
import type { WorkerRecord } from '../../contracts/worker/worker.js';
import { DynamoKeyStore } from '../../infra/aws/dynamo-key-store.js';
import { DynamoMarkerStore } from '../../infra/aws/dynamo-marker-store.js';
import { DynamoStatsStore } from '../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../infra/aws/dynamo-worker-store.js';
import { UnreadableItems, type UnreadableItem } from '../../infra/aws/unreadable-items.js';
import type { TableNames } from '../../infra/resources/resources.js';
import { useStack } from '../support/any-stack.js';

const stack = useStack();
let tableNames: TableNames;
beforeAll(async () => {
  tableNames = await stack().tables();
});

const worker: WorkerRecord = {
  id: 'worker-1',
  address: 'http://127.0.0.1:9001',
  state: 'up',
  inFlight: 1,
  served: 10,
  failed: 2,
  p50Ms: 1.5,
  p95Ms: 9.25,
  faults: 'none',
  model: 'model',
  startedAt: '2026-01-01T00:00:00.000Z',
  heartbeatAtMs: 1000.5,
};

describe('workers', () => {
  it('are listed as they last reported themselves', async () => {
    const store = new DynamoWorkerStore(stack().clients.dynamodb, tableNames.workers);
    expect(await store.list()).toEqual([]);
    await store.put(worker);
    await store.put({ ...worker, id: 'worker-2' });
    const later: WorkerRecord = {
      ...worker,
      state: 'draining',
      heartbeatAtMs: 2000,
      suspicion: { reason: 'ejected', ejectedUntilMs: 3000.5 },
    };
    await store.put(later);
    expect(await store.list()).toEqual([later, { ...worker, id: 'worker-2' }]);
  });

  it('are listed all, though a page of a query holds 1 MB', async () => {
    const store = new DynamoWorkerStore(stack().clients.dynamodb, tableNames.workers);
    const wide = Array.from({ length: 150 }, (_, index) => `wide-${index}`);
    const long = 'x'.repeat(4000);
    await Promise.all(wide.map((id) => store.put({ ...worker, id, faults: long, model: long })));
    expect((await store.list()).map(({ id }) => id)).toEqual(expect.arrayContaining(wide));
  });
});

describe('the marker', () => {
  it('is what the first one made it', async () => {
    const store = new DynamoMarkerStore(stack().clients.dynamodb, tableNames.meta);
    expect(await store.read()).toBeUndefined();
    expect(await store.create('first')).toBe('first');
    expect(await store.create('second')).toBe('first');
    expect(await store.read()).toBe('first');
  });
});

describe('rows that cannot be decoded', () => {
  it('are left out of lists, and told of once', async () => {
    const reported: UnreadableItem[] = [];
    const unreadable = new UnreadableItems((item) => reported.push(item));
    const { clients } = stack();
    const { workers, stats } = tableNames;
    const second = 60 * 1000;
    const put = (TableName: string, Item: PutItemCommandInput['Item']) =>
      clients.dynamodb.send(new PutItemCommand({ TableName, Item }));
    await put(workers, { partition: { S: 'workers' }, id: { S: 'spoilt' }, worker: { S: '{' } });
    await put(stats, { minute: { N: '1000' }, secondAndCoordinator: { S: `${second}#x` }, row: { S: '{}' } });
    const workerStore = new DynamoWorkerStore(clients.dynamodb, workers, unreadable);
    await workerStore.put({ ...worker, id: 'whole' });
    const statsStore = new DynamoStatsStore(clients.dynamodb, stats, unreadable);
    for (let round = 0; round < 2; round += 1) {
      expect((await workerStore.list()).map(({ id }) => id)).toContain('whole');
      expect(await statsStore.range(second * 1000, second * 1000 + 1000)).toEqual([]);
    }
    expect(reported.map(({ table, key }) => [table, key])).toEqual([
      [workers, 'spoilt'],
      [stats, `${second}#x`],
    ]);
  });
});

describe('statistics', () => {
  it('are given for the seconds asked for, of all coordinators, across minutes', async () => {
    const store = new DynamoStatsStore(stack().clients.dynamodb, tableNames.stats);
    const minuteStart = 30_000_000 * 60;
    const rows = [-2, -1, 0, 1, 2].flatMap((offset) =>
      ['a', 'b'].map((coordinatorId) => statsRow(coordinatorId, minuteStart + offset)),
    );
    await Promise.all(rows.map((row) => store.put(row)));
    const inRange = rows.filter(({ second }) => second >= minuteStart - 1 && second < minuteStart + 2);
    expect(await store.range((minuteStart - 1) * 1000, (minuteStart + 2) * 1000)).toEqual(inRange);
    expect(await store.range(0, 0)).toEqual([]);
  });

  function statsRow(coordinatorId: string, second: number): StatsRow {
    const events = [
      { atMs: second * 1000, name: 'worker.suspect', fields: { workerId: 'worker-1', missed: 2 } },
    ];
    return {
      coordinatorId,
      second,
      counts: { accepted: 3 },
      latency: { '12': 3 },
      outstandingTasks: 4,
      events,
    };
  }
});

describe('idempotency keys', () => {
  let nowMs = 1_000_000;
  const record: IdempotencyRecord = {
    key: 'key-1',
    requestHash: 'hash-1',
    taskIds: ['batch-0', 'batch-1'],
    expiresAtMs: 2_000_000,
  };
  const store = () => new DynamoKeyStore(stack().clients.dynamodb, tableNames.keys, { now: () => nowMs });

  it('belong to whoever came first', async () => {
    expect(await store().read('key-1')).toBeUndefined();
    expect(await store().create(record)).toBe('created');
    expect(await store().create({ ...record, requestHash: 'hash-2', taskIds: [] })).toEqual(record);
    expect(await store().read('key-1')).toEqual(record);
  });

  it('have one first among many', async () => {
    const rivals = Array.from({ length: 20 }, (_, index) => ({
      ...record,
      key: 'contended',
      requestHash: `hash-${index}`,
    }));
    const results = await Promise.all(rivals.map((rival) => store().create(rival)));
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    expect(await store().read('contended')).toEqual(rivals[results.indexOf('created')]);
  });

  it('are read many at once, but for those that are not there or have expired', async () => {
    const [some, expired] = [
      { ...record, key: 'of many' },
      { ...record, key: 'long ago', expiresAtMs: 999_000 },
    ];
    await store().create(some);
    await store().create(expired);
    expect(await store().readMany(['of many', 'nowhere', 'long ago', 'of many'])).toEqual([some]);
    expect(await store().readMany([])).toEqual([]);
  });

  it('can be taken again when they have expired', async () => {
    const key = { ...record, key: 'short' };
    await store().create(key);
    nowMs = 2_000_000;
    expect(await store().read('short')).toBeUndefined();
    const next = { ...key, requestHash: 'hash-2', expiresAtMs: 3_000_000 };
    expect(await store().create(next)).toBe('created');
    expect(await store().read('short')).toEqual(next);
  });
});
