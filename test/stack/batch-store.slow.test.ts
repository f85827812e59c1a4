import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import { DynamoBatchStore } from '../../infra/aws/dynamo-batch-store.js';
import { UnreadableItems, type UnreadableItem } from '../../infra/aws/unreadable-items.js';
import { useStack } from '../support/any-stack.js';
import {
  finished,
  HOUR,
  HOUR_MS,
  sampleBatch,
  sampleDelivery,
  withDeliveries,
} from '../support/sample-batch.js';

/** A stack that checks and writes in two steps lets two win now and then; the embedded one writes one by one. */
const rounds = inject('stack') === undefined ? 3 : 25;

const stack = useStack();
let table: string;
let store: DynamoBatchStore;

beforeAll(async () => {
  table = (await stack().tables()).batches;
  store = new DynamoBatchStore(stack().clients.dynamodb, table);
});

async function stored(batch: BatchDocument): Promise<BatchDocument> {
  expect(await store.create(batch)).toBe('created');
  return batch;
}

describe('create and read', () => {
  it('gives back what was stored, awkward texts included', async () => {
    const duplicate = sampleDelivery({ duplicate: 2, number: 2 });
    const batch = await stored(withDeliveries(sampleBatch(), sampleDelivery(), duplicate));
    expect(await store.read(batch.id)).toEqual(batch);
  });

  it('gives back what ended workers, what tasks failed of, and what brought each delivery', async () => {
    const [first, second, ...rest] = sampleBatch().tasks;
    const lastError = { code: 'function_timed_out', message: 'ended' };
    const marked = { ...first, status: 'open', failedAlone: 1, workerDeaths: 2, lastError } as const;
    const failed = sampleDelivery({
      cause: 'first',
      endedAtMs: HOUR * HOUR_MS + 3000,
      outcome: 'failed',
      returnedBy: 'backoff',
      invokes: [
        {
          workerId: 'worker-1',
          taskIndexes: [0, 1],
          startedAtMs: HOUR * HOUR_MS + 2001.5,
          endedAtMs: HOUR * HOUR_MS + 3000,
          outcome: ['failed', 'succeeded'],
          taskErrors: [{ ...lastError, taskIndexes: [0] }],
        },
      ],
    });
    const again = sampleDelivery({ messageId: 'message-2', send: 2, cause: 'resent', number: 2 });
    const slots = second === undefined ? [] : [marked, second, ...rest];
    const batch = await stored(withDeliveries(sampleBatch({ tasks: slots }), failed, again));
    expect(await store.read(batch.id)).toEqual(batch);
  });

  it('gives back what was redriven, as what, and of what', async () => {
    const original = sampleBatch();
    const [input = { text: '', requestId: 'r', acceptedAtMs: 1 }] = original.inputs;
    const inputs = [
      { ...input, redriveOf: 'old-1' },
      { ...input, redriveOf: 'old-2', deadlineAtMs: 17.5 },
      { ...input, key: 'first' },
      { ...input, key: 'second', redriveOf: 'old-3' },
      { ...input, key: 'third', deadlineAtMs: 17.5 },
      { ...input, deadlineAtMs: 18 },
      input,
    ];
    const batch = await stored({ ...original, inputs });
    const linked = finished(batch, { redrivenAs: { 0: 'new-1' }, deadLetteredAtMs: 18 });
    await store.replace(batch, linked);
    const again = { ...linked, rev: linked.rev + 1, redrivenAs: { 0: 'new-1', 3: 'new-2' } };
    await store.replace(linked, again);
    expect(await store.read(batch.id)).toEqual(again);
    const created = await stored({ ...again, id: sampleBatch().id });
    expect(await store.read(created.id)).toEqual(created);
  });

  it('gives what is there where the batch exists already, and leaves it alone', async () => {
    const batch = await stored(sampleBatch());
    expect(await store.create({ ...batch, coordinatorId: 'another', sends: 9 })).toEqual(batch);
    expect(await store.read(batch.id)).toEqual(batch);
  });

  it('does not take an item that is refused for a stack that does not answer', async () => {
    const batch = sampleBatch();
    const inputs = [{ ...batch.inputs[0], text: 'x'.repeat(450_000), requestId: 'r', acceptedAtMs: 1 }];
    const refused = await store.create({ ...batch, inputs }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(refused).not.toBeInstanceOf(StackUnavailableError);
  });

  it('has one winner where many create the same', async () => {
    const batch = sampleBatch();
    const rivals = Array.from({ length: 20 }, (_, index) => ({ ...batch, coordinatorId: `rival-${index}` }));
    const results = await Promise.all(rivals.map((rival) => store.create(rival)));
    const winner = rivals[results.indexOf('created')];
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    expect(results.filter((result) => result !== 'created')).toEqual(
      Array.from({ length: 19 }, () => winner),
    );
  });

  it('finds nothing under an unknown id', async () => {
    expect(await store.read('unknown')).toBeUndefined();
  });

  it('reads many at once, each once, and leaves out what does not exist', async () => {
    const batches = await Promise.all([sampleBatch(), sampleBatch(), sampleBatch()].map(stored));
    const ids = batches.map(({ id }) => id);
    const found = await store.readMany([...ids, ...ids, 'unknown']);
    expect([...found].sort(byId)).toEqual([...batches].sort(byId));
    expect(await store.readMany([])).toEqual([]);
  });
});

describe('an item that cannot be decoded', () => {
  it('is left out where many are read, told of once, and hinders nobody', async () => {
    const reported: UnreadableItem[] = [];
    const careful = new DynamoBatchStore(
      stack().clients.dynamodb,
      table,
      new UnreadableItems((item) => reported.push(item)),
    );
    const batch = await stored(sampleBatch());
    await stack().clients.dynamodb.send(
      new PutItemCommand({ TableName: table, Item: { id: { S: 'spoilt' }, slots: { S: '[[]]' } } }),
    );
    for (let round = 0; round < 3; round += 1) {
      expect(await careful.readMany(['spoilt', batch.id])).toEqual([batch]);
    }
    expect(reported).toEqual([{ table, key: 'spoilt', error: expect.stringContaining('item') as string }]);
    await expect(careful.read('spoilt')).rejects.toThrow('item');
  });
});

describe('replace', () => {
  it('puts the next document in the place of the one that was read', async () => {
    const batch = await stored(sampleBatch());
    const ended = sampleDelivery({ endedAtMs: 5, outcome: 'succeeded' });
    const next = finished(withDeliveries(batch, ended), { attentionAtMs: 17.5 });
    expect(await store.replace(batch, next)).toBe('written');
    expect(await store.read(batch.id)).toEqual(next);
  });

  it('writes nothing where somebody wrote since', async () => {
    const batch = await stored(sampleBatch());
    const winner = finished(batch);
    await store.replace(batch, winner);
    expect(await store.replace(batch, finished(batch, { writeIds: ['loser'] }))).toBe('conflict');
    expect(await store.read(batch.id)).toEqual(winner);
  });

  it('does not bring a batch into being', async () => {
    const batch = sampleBatch();
    expect(await store.replace(batch, finished(batch))).toBe('conflict');
    expect(await store.read(batch.id)).toBeUndefined();
  });

  it('has one winner among fifty writers of one revision, every time', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const batch = await stored(sampleBatch());
      const rivals = Array.from({ length: 50 }, (_, index) =>
        finished(batch, { writeIds: [`rival-${index}`] }),
      );
      const results = await Promise.all(rivals.map((rival) => store.replace(batch, rival)));
      expect(results.filter((result) => result === 'written')).toHaveLength(1);
      expect(await store.read(batch.id)).toEqual(rivals[results.indexOf('written')]);
    }
  });

  it('leaves the slots as they are where only the rest changed', async () => {
    const batch = await stored(sampleBatch());
    const claimed = { ...batch, rev: 2, sends: 2, dueAtMs: 99 };
    expect(await store.replace(batch, claimed)).toBe('written');
    expect(await store.read(batch.id)).toEqual(claimed);
  });

  it('removes deliveries that are no longer kept', async () => {
    const [first, second] = [sampleDelivery(), sampleDelivery({ receiveCount: 2, number: 2 })];
    const batch = await stored(withDeliveries(sampleBatch(), first, second));
    const next = { ...withDeliveries(batch, second), rev: 2, deliveryCount: 2 };
    expect(await store.replace(batch, next)).toBe('written');
    expect(await store.read(batch.id)).toEqual(next);
  });
});

describe('recordStart', () => {
  const running = sampleDelivery({ messageId: 'message-2', number: 2 });

  it('enters the delivery and the touch, and nothing else', async () => {
    const batch = await stored(sampleBatch());
    expect(await store.recordStart(batch.id, 1, running, 4242)).toBe('written');
    expect(await store.read(batch.id)).toEqual({
      ...batch,
      deliveries: { 'message-2/1': running },
      touchedAtMs: running.startedAtMs,
      dueAtMs: 4242,
    });
  });

  it('survives a replace by another delivery that knew nothing of it', async () => {
    const batch = await stored(sampleBatch());
    await store.recordStart(batch.id, 1, running, 4242);
    const other = sampleDelivery({ endedAtMs: 9, outcome: 'failed' });
    await store.replace(batch, { ...withDeliveries(batch, other), rev: 2 });
    const read = await store.read(batch.id);
    expect(read?.deliveries).toEqual({ 'message-2/1': running, 'message-1/1': other });
  });

  it('is dropped where somebody wrote since, or where the batch does not exist', async () => {
    const batch = await stored(sampleBatch());
    await store.replace(batch, finished(batch));
    expect(await store.recordStart(batch.id, 1, running, 4242)).toBe('conflict');
    expect(await store.recordStart('unknown', 1, running, 4242)).toBe('conflict');
    expect((await store.read(batch.id))?.deliveries).toEqual({});
  });
});

function byId(one: BatchDocument, other: BatchDocument): number {
  return one.id < other.id ? -1 : 1;
}
