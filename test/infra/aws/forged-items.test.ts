/** Items that somebody who reaches the tables could put into them: lists leave it out, and it is told of. */
import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeBatch } from '../../../infra/aws/batch-codec.js';
import { DynamoBatchStore } from '../../../infra/aws/dynamo-batch-store.js';
import { DynamoWorkerStore } from '../../../infra/aws/dynamo-worker-store.js';
import { UnreadableItems, type UnreadableItem } from '../../../infra/aws/unreadable-items.js';
import { findTask } from '../../../coordinator/tasks/find-task.js';
import { startTestStack, type TestStack } from '../../support/embedded.js';
import { heartbeatOf } from '../../support/run-coordinator.js';
import { sampleBatch } from '../../support/sample-batch.js';

let stack: TestStack;
let reported: UnreadableItem[];
let batches: DynamoBatchStore;
beforeAll(async () => (stack = await startTestStack()));
afterAll(() => stack.close());
beforeEach(() => {
  reported = [];
  batches = new DynamoBatchStore(
    stack.clients.dynamodb,
    stack.resources.tableNames.batches,
    new UnreadableItems((item) => reported.push(item)),
  );
});

const put = (TableName: string, Item: Record<string, AttributeValue>) =>
  stack.clients.dynamodb.send(new PutItemCommand({ TableName, Item }));

describe('a batch', () => {
  const columns = (acceptedAtMs: number | null, finishedAtMs = 1) => ({
    inputs: { S: JSON.stringify([['text', 'request-1', acceptedAtMs]]) },
    slots: { S: JSON.stringify([['e', finishedAtMs, 1]]) },
  });
  it.each<[string, Record<string, AttributeValue>]>([
    ['a creation that no date can hold', { createdAt: { N: '9e15' } }],
    ['a creation before all dates', { createdAt: { N: '-1' } }],
    ['a creation beyond all clocks', { createdAt: { N: '4200000000000' } }],
    ['a huge number', { deadLetteredAt: { N: '1e100' } }],
    ['an admission that no date can hold', columns(9e15)],
    ['an admission that is none', columns(null)],
    ['an end that no date can hold', columns(1, 9e15)],
  ])('with %s is left out, told of, and nobody’s task', async (_what, changes) => {
    const good = sampleBatch();
    const bad = sampleBatch();
    await put(stack.resources.tableNames.batches, encodeBatch(good));
    await put(stack.resources.tableNames.batches, { ...encodeBatch(bad), ...changes });
    expect((await batches.readMany([bad.id, good.id])).map(({ id }) => id)).toEqual([good.id]);
    expect(reported.map(({ key }) => key)).toEqual([bad.id]);
    const ports = {
      batches,
      ledger: { update: () => undefined },
      stackResets: { mayBeRestored: () => Promise.resolve(false) },
    };
    await expect(findTask(ports, `${bad.id}-0`)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a worker', () => {
  it('with a name, an address or a time that none has is left out', async () => {
    const table = stack.resources.tableNames.workers;
    const workers = new DynamoWorkerStore(
      stack.clients.dynamodb,
      table,
      new UnreadableItems((item) => reported.push(item)),
    );
    const good = { ...heartbeatOf('worker-1'), id: 'worker-1', heartbeatAtMs: 1_800_000_000_000 };
    const forged = [
      { ...good, id: 'worker 2' },
      { ...good, id: 'worker-3', address: 'http://169.254.169.254/latest' },
      { ...good, id: 'worker-4', heartbeatAtMs: 9e15 },
      { ...good, id: 'worker-5', suspicion: { reason: 'ejected', ejectedUntilMs: 9e15 } },
    ];
    await workers.put(good);
    for (const worker of forged) {
      const item = {
        partition: { S: 'workers' },
        id: { S: worker.id },
        worker: { S: JSON.stringify(worker) },
      };
      await put(table, item);
    }
    expect((await workers.list()).map(({ id }) => id)).toEqual(['worker-1']);
    expect(reported).toHaveLength(forged.length);
  });
});
