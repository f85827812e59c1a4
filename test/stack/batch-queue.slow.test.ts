import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import { batchMessageSchema } from '../../contracts/batch/message.js';
import type { MessageSource, QueueDepth, ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import { purgeBatchQueue } from '../../infra/aws/purge-queue.js';
import { SqsBatchQueue } from '../../infra/aws/sqs-batch-queue.js';
import type { Resources } from '../../infra/resources/resources.js';
import { useStack } from '../support/any-stack.js';
import { clientsOf } from '../support/embedded.js';
import { eventually } from '../support/eventually.js';
import { messageOf, sampleBatch } from '../support/sample-batch.js';

const MAX_RECEIVE_COUNT = 2;

const stack = useStack();
let queue: SqsBatchQueue;
let described: Resources;

beforeEach(async () => {
  ({ queue, described } = await stack().queues({
    visibilityTimeoutSeconds: 30,
    maxReceiveCount: MAX_RECEIVE_COUNT,
  }));
});

async function receiveOne(): Promise<ReceivedMessage> {
  const [message] = await queue.receive(1, 5);
  if (message === undefined) throw new Error('the queue is empty');
  return message;
}

/** A queue's counts are approximate, and late. */
async function expectDepth(source: MessageSource, depth: Partial<QueueDepth>): Promise<void> {
  await eventually(async () => expect(await source.depth()).toMatchObject(depth));
}

describe('the queue of batches', () => {
  it('brings a message as it was sent, awkward texts included', async () => {
    const sent = messageOf(sampleBatch());
    await queue.send(sent);
    const received = await receiveOne();
    expect(received.receiveCount).toBe(1);
    expect(received).not.toHaveProperty('traceparent');
    expect(batchMessageSchema.parse(JSON.parse(received.body))).toEqual(sent);
  });

  it('brings the trace of a message along, every time that it hands it out', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await queue.send(messageOf(sampleBatch()), traceparent);
    const first = await receiveOne();
    expect(first.traceparent).toBe(traceparent);
    await queue.changeVisibility(first.receiptHandle, 0);
    expect(await receiveOne()).toMatchObject({ receiveCount: 2, traceparent });
  });

  it('says when it was made', async () => {
    const createdAt = await queue.createdAt();
    expect(Number(createdAt)).toBeGreaterThan(0);
    await queue.send(messageOf(sampleBatch()));
    expect(await queue.createdAt()).toBe(createdAt);
  });

  it('brings at most as many as asked for, and none where there are none', async () => {
    await Promise.all([1, 2, 3].map(() => queue.send(messageOf(sampleBatch()))));
    expect(await queue.receive(2, 0)).toHaveLength(2);
    expect(await queue.receive(10, 0)).toHaveLength(1);
    expect(await queue.receive(10, 0)).toEqual([]);
  });

  it('hands a message out again at once when its visibility is set to 0, and counts', async () => {
    await queue.send(messageOf(sampleBatch()));
    const first = await receiveOne();
    await queue.changeVisibility(first.receiptHandle, 0);
    const second = await receiveOne();
    expect(second).toMatchObject({ messageId: first.messageId, receiveCount: 2 });
  });

  it('hands a message out again when its visibility timeout has passed', async () => {
    await queue.send(messageOf(sampleBatch()));
    const first = await receiveOne();
    await queue.changeVisibility(first.receiptHandle, 1);
    expect(await queue.receive(1, 0)).toEqual([]);
    const second = await eventually(() => receiveOne(), { timeoutMs: 20_000 });
    expect(second.messageId).toBe(first.messageId);
  });

  it('takes a stale receipt handle as no error', async () => {
    await queue.send(messageOf(sampleBatch()));
    const { receiptHandle } = await receiveOne();
    expect(await queue.deleteMany([receiptHandle])).toEqual([]);
    await queue.changeVisibility(receiptHandle, 10);
    expect(await queue.deleteMany([receiptHandle])).toEqual([]);
    expect(await queue.deleteMany([])).toEqual([]);
  });

  it('tells how many wait and how many are out', async () => {
    await Promise.all([1, 2, 3].map(() => queue.send(messageOf(sampleBatch()))));
    const { receiptHandle } = await receiveOne();
    await expectDepth(queue, { visible: 2, inFlight: 1, delayed: 0 });
    await queue.deleteMany([receiptHandle]);
    await expectDepth(queue, { visible: 2, inFlight: 0, delayed: 0 });
  });

  it('moves a message to the dead letters after its last receive', async () => {
    await queue.send(messageOf(sampleBatch()));
    for (let receive = 1; receive <= MAX_RECEIVE_COUNT; receive += 1) {
      await queue.changeVisibility((await receiveOne()).receiptHandle, 0);
    }
    expect(await queue.receive(1, 0)).toEqual([]);
    await expectDepth(queue.deadLetters, { visible: 1, inFlight: 0, delayed: 0 });
  });

  it('does not send a change of visibility again when its time is over', async () => {
    const requested: string[] = [];
    const silent = createServer((request) => void requested.push(String(request.headers['x-amz-target'])));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const clients = clientsOf(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const unheard = new SqsBatchQueue(clients.sqs, {
      queueUrl: 'http://queue/1',
      deadLetterQueueUrl: 'http://queue/2',
    });
    const startedAt = performance.now();
    await expect(unheard.changeVisibility('handle', 0, 300.5)).rejects.toBeInstanceOf(StackUnavailableError);
    await expect(unheard.changeVisibility('handle', 0, -1)).rejects.toBeInstanceOf(StackUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(requested).toEqual(['AmazonSQS.ChangeMessageVisibility']);
    clients.close();
    silent.closeAllConnections();
    silent.close();
  });

  it('says so where the stack does not answer', async () => {
    const clients = clientsOf('http://127.0.0.1:1');
    const gone = new SqsBatchQueue(clients.sqs, {
      queueUrl: 'http://queue/1',
      deadLetterQueueUrl: 'http://queue/2',
    });
    await expect(gone.send(messageOf(sampleBatch()))).rejects.toBeInstanceOf(StackUnavailableError);
    await expect(gone.receive(1, 0)).rejects.toMatchObject({ code: 'stack_unavailable' });
    clients.close();
  });
});

describe('purging the queue', () => {
  it('takes every message, those in flight too', async () => {
    for (let count = 0; count < 3; count += 1) await queue.send(messageOf(sampleBatch()));
    await queue.receive(1, 5);
    await purgeBatchQueue(stack().clients.sqs, described);
    await expectDepth(queue, { visible: 0, inFlight: 0, delayed: 0 });
  });

  it('leaves dead letters', async () => {
    await queue.send(messageOf(sampleBatch()));
    for (let nth = 0; nth < MAX_RECEIVE_COUNT; nth += 1) {
      await queue.changeVisibility((await receiveOne()).receiptHandle, 0);
    }
    expect(await queue.receive(1, 0)).toEqual([]);
    await expectDepth(queue.deadLetters, { visible: 1 });
    await purgeBatchQueue(stack().clients.sqs, described);
    await expectDepth(queue.deadLetters, { visible: 1 });
  });
});
