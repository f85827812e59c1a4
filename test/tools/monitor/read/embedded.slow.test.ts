/** The reader on a real stack, through the adapters that main.ts gives it. */
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoBatchStore } from '../../../../infra/aws/dynamo-batch-store.js';
import { DynamoStatsStore } from '../../../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../../../infra/aws/dynamo-worker-store.js';
import { SqsQueueReader } from '../../../../infra/aws/sqs-queue-reader.js';
import type { Clients } from '../../../../infra/aws/clients.js';
import { tableNames } from '../../../../infra/resources/resources.js';
import { healthOf } from '../../../../tools/monitor/snapshot/health.js';
import { Reader } from '../../../../tools/monitor/read/reader.js';
import { clientsOf, startBareStack } from '../../../support/embedded.js';
import { startFilledStack, type FilledStack } from '../support/filled-stack.js';

function readerOf({ sqs, dynamodb }: Clients): Reader {
  return new Reader({
    now: Date.now,
    monotonic: () => performance.now(),
    queue: new SqsQueueReader(sqs),
    workers: new DynamoWorkerStore(dynamodb, tableNames.workers),
    stats: new DynamoStatsStore(dynamodb, tableNames.stats),
    batches: new DynamoBatchStore(dynamodb, tableNames.batches),
  });
}

describe('the reader on a stack', () => {
  let stack: FilledStack;
  beforeAll(async () => {
    stack = await startFilledStack();
  });
  afterAll(() => stack.close());

  it('finds what a system has written there', async () => {
    const snapshot = await readerOf(stack.clients).refresh();
    expect(healthOf(snapshot, Date.now())).toEqual({ word: 'live' });
    expect(snapshot.workers.value.map(({ id }) => id)).toEqual(['worker-1', 'worker-2']);
    expect(snapshot.queue.value).toMatchObject({ depth: { visible: 1, inFlight: 0 }, deadLetters: 0 });
    expect(snapshot.queue.value.oldestQueuedMs).toBeGreaterThan(1400);
    expect(snapshot.queue.value.oldestQueuedMs).toBeLessThan(30_000);
    expect(snapshot.stats.value[0]?.counts['accepted']).toBe(30);
    expect(snapshot.tasks.value.map(({ text, status }) => [text, status])).toEqual([
      ['It waits in the queue.', 'queued'],
      ['The soup was wonderful 😀', 'succeeded'],
    ]);
    expect(snapshot.tasks.value[1]?.history).toMatchObject([
      { workerId: 'worker-1', outcome: 'failed', fault: 'error' },
      { workerId: 'worker-2', outcome: 'succeeded' },
    ]);
  });

  it('only reads, never scans, and asks little', async () => {
    const clients = clientsOf(stack.url);
    const requested = commandsOf(clients);
    const reader = readerOf(clients);
    await reader.refresh();
    requested.length = 0;
    for (let turn = 0; turn < 3; turn += 1) await reader.refresh();
    clients.close();
    expect([...new Set(requested)].sort()).toEqual([
      'BatchGetItemCommand',
      'GetQueueAttributesCommand',
      'QueryCommand',
    ]);
    // Eight to ten a refresh; two more where a minute has just begun, four at the turn of an hour: what is asked for lies in both.
    const sinceHourMs = Date.now() % 3_600_000;
    const isTurn = Math.min(sinceHourMs, 3_600_000 - sinceHourMs) < 70_000;
    expect(requested.length).toBeLessThanOrEqual(3 * (isTurn ? 16 : 12));
  });

  it('leaves the queue as it is set', async () => {
    await readerOf(stack.clients).refresh();
    const { Attributes: attributes } = await stack.clients.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: stack.resources.queueUrl,
        AttributeNames: ['VisibilityTimeout'],
      }),
    );
    expect(attributes).toEqual({ VisibilityTimeout: '7' });
  });
});

describe('the reader where there is nothing to read', () => {
  it('makes no table and no queue, and tells a missing stack from an empty one', async () => {
    const bare = await startBareStack();
    const clients = clientsOf(bare.url);
    const reader = readerOf(clients);
    try {
      for (let turn = 0; turn < 2; turn += 1) {
        expect(healthOf(await reader.refresh(), Date.now()).word).toBe('EMPTY');
      }
      await bare.close();
      const gone = healthOf(await reader.refresh(), Date.now());
      expect(gone).toEqual({ word: 'UNREACHABLE', reason: 'stack unreachable: nobody listens' });
    } finally {
      clients.close();
    }
  });
});

function commandsOf({ sqs, dynamodb }: Clients): string[] {
  const names: string[] = [];
  const note = (context: { readonly commandName?: string }) => names.push(context.commandName ?? '?');
  sqs.middlewareStack.add((next, context) => (given) => (note(context), next(given)), { name: 'counts' });
  dynamodb.middlewareStack.add((next, context) => (given) => (note(context), next(given)), {
    name: 'counts',
  });
  return names;
}
