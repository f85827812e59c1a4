import { describe, expect, it } from 'vitest';
import { isCausedByWork, groupCalls } from '../../../bench/costs/count.js';
import { measureLoad } from '../../../bench/costs/measure.js';
import { perMillionTasks, perMonth, priceOf, readPrices, type Prices } from '../../../bench/costs/prices.js';
import { loadCosts, printCosts, standingCosts, statisticsCosts } from '../../../bench/costs/report.js';
import { IndexWrites } from '../../../infra/aws/metering/index-writes.js';
import {
  resourceOf,
  sqsRequestsOf,
  unitsRead,
  unitsWritten,
} from '../../../infra/aws/metering/call-fields.js';
import type { MeteredCall } from '../../../infra/aws/metering/meter-calls.js';
import { resources } from '../../../infra/resources/resources.js';

const prices: Prices = {
  region: 'here',
  asOf: 'today',
  usdPerMillion: { sqsRequests: 0.4, writeUnits: 0.625, readUnits: 0.125 },
};
const call = (part: Partial<MeteredCall>): MeteredCall => ({
  operation: 'PutItem',
  resource: 'table batches',
  isEmpty: false,
  sqsRequests: 0,
  writeUnits: 0,
  indexWriteUnits: 0,
  readUnits: 0,
  ...part,
});

describe('prices', () => {
  it('are of units, by kind', () => {
    const price = priceOf({ sqsRequests: 3_000_000, writeUnits: 2_000_000, readUnits: 4_000_000 }, prices);
    expect(price.sqs).toBeCloseTo(1.2);
    expect(price.dynamodb).toBeCloseTo(1.25 + 0.5);
    expect(price.total).toBeCloseTo(2.95);
  });

  it('are of a million tasks, of which a batch holds several', () => {
    const units = { sqsRequests: 3, writeUnits: 8, readUnits: 0 };
    expect(perMillionTasks(units, 8, prices).sqs).toBeCloseTo(0.15);
    expect(perMillionTasks(units, 8, prices).dynamodb).toBeCloseTo(0.625);
    expect(() => perMillionTasks(units, 0, prices)).toThrow(RangeError);
  });

  it('are of a month of 730 hours', () => {
    expect(perMonth({ sqsRequests: 1, writeUnits: 0, readUnits: 0 }, prices)).toBeCloseTo(1.0512);
  });

  it('lie in one file, named with region and date', () => {
    const { region, asOf } = readPrices();
    expect(region).toContain('us-east-1');
    expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}/);
  });
});

describe('units', () => {
  it('of SQS are requests, one for each 64 KB that are begun', () => {
    const bytes = (count: number) => 'x'.repeat(count);
    expect(sqsRequestsOf({}, {})).toBe(1);
    expect(sqsRequestsOf({ MessageBody: bytes(65_536) }, {})).toBe(1);
    expect(sqsRequestsOf({ MessageBody: bytes(65_537) }, {})).toBe(2);
    expect(sqsRequestsOf({}, { Messages: [{ Body: bytes(60_000) }, { Body: bytes(90_000) }] })).toBe(3);
  });

  it('of a table leave those of its indexes out, where DynamoDB adds them', () => {
    const consumed = { ConsumedCapacity: { CapacityUnits: 5, Table: { CapacityUnits: 2 } } };
    expect([unitsWritten(consumed), unitsRead(consumed)]).toEqual([2, 5]);
    expect(unitsRead({ ConsumedCapacity: [{ CapacityUnits: 3 }, { CapacityUnits: 4 }] })).toBe(7);
  });

  it('of indexes are one for an entry that comes or goes, two for one that changes its key', () => {
    const writes = new IndexWrites(resources.tables.batches);
    const item = { id: { S: 'a' }, hourShard: { S: '1#0' }, createdAt: { N: '1' } };
    const open = { ...item, openShard: { S: 'open#0' }, dueAt: { N: '5' } };
    expect(writes.countWrites(open)).toBe(2);
    expect(writes.countWrites({ ...open, slots: { S: '[]' } })).toBe(0);
    expect(writes.countWrites({ ...open, dueAt: { N: '6' } })).toBe(2);
    expect(writes.countWrites(item)).toBe(1);
    expect(new IndexWrites(resources.tables.keys).countWrites({ key: { S: 'k' } })).toBe(0);
  });

  it('belong to a resource by the names of its calls', () => {
    expect(resourceOf({ QueueUrl: 'http://x/000000000000/boomerang-batches' })).toBe('queue batches');
    expect(resourceOf({ QueueName: 'boomerang-dead-letters' })).toBe('queue deadLetters');
    expect(resourceOf({ TableName: 'boomerang-batches', IndexName: 'open' })).toBe('index batches/open');
    expect(resourceOf({ RequestItems: { 'boomerang-batches': {} } })).toBe('table batches');
  });
});

describe('costs', () => {
  it('of work are told from those of time', () => {
    const queue = { resource: 'queue batches', sqsRequests: 1 };
    expect(isCausedByWork(call({ ...queue, operation: 'ReceiveMessage' }))).toBe(true);
    expect(isCausedByWork(call({ ...queue, operation: 'ReceiveMessage', isEmpty: true }))).toBe(false);
    expect(isCausedByWork(call({ ...queue, operation: 'GetQueueAttributes' }))).toBe(false);
    expect(isCausedByWork(call({ resource: 'table workers' }))).toBe(false);
    expect(isCausedByWork(call({ resource: 'index batches/open', operation: 'Query' }))).toBe(false);
  });

  it('are summed by kind of call, an index write as a write', () => {
    const put = call({ writeUnits: 2, indexWriteUnits: 2 });
    const [first, second] = groupCalls([put, put, call({ operation: 'UpdateItem', writeUnits: 3 })], 2);
    expect(first).toMatchObject({ call: 'PutItem, table batches', count: 1, indexWriteUnits: 2 });
    expect(first?.units.writeUnits).toBe(4);
    expect(second).toMatchObject({ count: 0.5, units: { writeUnits: 1.5 } });
  });

  it('are what the main job calls: a batch alone is stored, sent, received, committed and deleted', async () => {
    const load = { tasksABatch: 8, clients: 1, batches: 3 };
    const calls = await measureLoad(load);
    const { kinds, units, usdPerMillionTasks } = loadCosts(load, calls, prices);
    expect(kinds.map(({ call, count }) => [call, count])).toEqual([
      ['DeleteMessageBatch, queue batches', 1],
      ['PutItem, table batches', 1],
      ['ReceiveMessage, queue batches', 1],
      ['SendMessage, queue batches', 1],
      ['UpdateItem, table batches', 1],
    ]);
    expect(units).toMatchObject({ sqsRequests: 3, readUnits: 0 });
    // Index of time, index of open ones, and that entry's end; items of 1 to 4 KB.
    expect(units.writeUnits).toBeGreaterThanOrEqual(3 + 2 * 2);
    expect(units.writeUnits).toBeLessThanOrEqual(3 + 2 * 4);
    const costs = {
      prices,
      loads: [{ ...load, kinds, units, usdPerMillionTasks }],
      standing: standingCosts([call({ resource: 'table workers', writeUnits: 1 })], 1, prices),
      statisticsUsdAMonth: statisticsCosts(calls, prices),
    };
    const printed = printCosts(costs);
    expect(printed).toContain('| 8 | 1 | 3 |');
    expect(printed).toContain('| PutItem, table workers | 1 | 0 | 1 | 0 | 1.64 |');
  });
});
