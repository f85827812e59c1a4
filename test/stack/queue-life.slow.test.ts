/** Tests what the coordinator relies on in a queue, each thing by itself, on queues of their own. */
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { BatchMessage } from '../../contracts/batch/message.js';
import type { MessageSource, ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import { asciiJson } from '../../contracts/common/text.js';
import { ensureQueues } from '../../infra/aws/ensure-queues.js';
import { removeQueues } from '../../infra/aws/remove-resources.js';
import { SqsBatchQueue } from '../../infra/aws/sqs-batch-queue.js';
import { SqsQueueReader } from '../../infra/aws/sqs-queue-reader.js';
import { useStack } from '../support/any-stack.js';
import { eventually } from '../support/eventually.js';
import { messageOf, sampleBatch } from '../support/sample-batch.js';
import { asAws, note } from '../support/stack-checks.js';

/** The size that a batch may have, as JSON; see the coordinator's settings. */
const PRODUCT_BOUND_BYTES = 200_000;
const MIB = 1_048_576;

const stack = useStack();

const sample = (): BatchMessage => messageOf(sampleBatch());

async function receiveOne(queue: MessageSource): Promise<ReceivedMessage> {
  return eventually(async () => (await queue.receive(1, 2))[0] ?? false, { timeoutMs: 30_000 });
}

async function timed<T>(call: Promise<T>): Promise<{ readonly result: T; readonly tookMs: number }> {
  const startedAtMs = performance.now();
  const result = await call;
  return { result, tookMs: performance.now() - startedAtMs };
}

describe.concurrent('the visibility timeout', () => {
  it('of the queue brings an untouched message back, counted', async () => {
    const { queue } = await stack().queues({ visibilityTimeoutSeconds: 1 });
    await queue.send(sample());
    const first = await receiveOne(queue);
    expect(await queue.receive(1, 0)).toEqual([]);
    const { result: second, tookMs } = await timed(receiveOne(queue));
    expect(second).toMatchObject({ messageId: first.messageId, receiveCount: 2 });
    expect(tookMs).toBeGreaterThan(300);
  });

  it('can be made longer while a message is out', async () => {
    const { queue } = await stack().queues({ visibilityTimeoutSeconds: 1 });
    await queue.send(sample());
    const { receiptHandle } = await receiveOne(queue);
    await queue.changeVisibility(receiptHandle, 3);
    const { tookMs } = await timed(receiveOne(queue));
    expect(tookMs).toBeGreaterThan(2000);
  });

  it('that is over makes the old receipt worth nothing: it neither fails nor hides the message', async () => {
    const { queue } = await stack().queues({ visibilityTimeoutSeconds: 1 });
    await queue.send(sample());
    const old = await receiveOne(queue);
    const next = await receiveOne(queue);
    await queue.changeVisibility(old.receiptHandle, 0);
    expect(await queue.deleteMany([next.receiptHandle])).toEqual([]);
    expect(await queue.deleteMany([old.receiptHandle])).toEqual([]);
    await eventually(async () => {
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    });
  });
});

describe.concurrent('a long poll', () => {
  it('waits as long as it was told where nothing comes', async () => {
    const { queue } = await stack().queues();
    const { result, tookMs } = await timed(queue.receive(10, 1));
    expect(result).toEqual([]);
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(5000);
  });

  it('wakes when a message comes', async (context) => {
    const { queue } = await stack().queues();
    await queue.receive(1, 0);
    const polled = queue.receive(1, 10).then((messages) => ({ messages, atMs: performance.now() }));
    await queue.depth();
    await queue.send(sample());
    const sentAtMs = performance.now();
    const { messages, atMs } = await polled;
    expect(messages).toHaveLength(1);
    note(context, `${Math.max(0, Math.round(atMs - sentAtMs))} ms after the send`);
    expect(atMs - sentAtMs).toBeLessThan(3000);
  });

  it('whose caller has gone keeps a message no longer than its visibility timeout', async (context) => {
    const { queue, queueUrl } = await stack().queues({ visibilityTimeoutSeconds: 2 });
    const leaving = new AbortController();
    const { sqs } = stack().connect();
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 10 }), {
      abortSignal: leaving.signal,
    });
    poll.catch(() => undefined);
    for (let round = 0; round < 3; round += 1) await queue.depth();
    leaving.abort();
    await expect(poll).rejects.toThrow();
    await queue.send(sample());
    const { result, tookMs } = await timed(receiveOne(queue));
    note(context, `came after ${Math.round(tookMs)} ms as receive ${result.receiveCount}`);
    expect(tookMs).toBeLessThan(12_000);
  });
});

describe.concurrent('dead letters', () => {
  it('are what has been received too often, and arrive whole', async () => {
    const { queue } = await stack().queues({ visibilityTimeoutSeconds: 1, maxReceiveCount: 2 });
    const sent = sample();
    await queue.send(sent);
    expect((await receiveOne(queue)).receiveCount).toBe(1);
    expect((await receiveOne(queue)).receiveCount).toBe(2);
    const dead = await eventually(
      async () => {
        expect(await queue.receive(1, 0)).toEqual([]);
        return (await queue.deadLetters.receive(1, 1))[0] ?? false;
      },
      { timeoutMs: 20_000 },
    );
    expect(JSON.parse(dead.body)).toEqual(sent);
    expect(await queue.deadLetters.deleteMany([dead.receiptHandle])).toEqual([]);
  });

  it('follow a count that was changed on a queue that is in use', async () => {
    const { queue, described } = await stack().queues({ visibilityTimeoutSeconds: 1, maxReceiveCount: 9 });
    await queue.send(sample());
    await receiveOne(queue);
    await ensureQueues(stack().clients.sqs, { visibilityTimeoutSeconds: 1, maxReceiveCount: 1 }, described);
    await eventually(
      async () => {
        expect(await queue.receive(1, 0)).toEqual([]);
        return (await queue.deadLetters.depth()).visible === 1;
      },
      { timeoutMs: 20_000 },
    );
  });
});

describe.concurrent('batches of calls', () => {
  it('receive ten at once, and delete them', async () => {
    const { queue } = await stack().queues();
    await Promise.all(Array.from({ length: 10 }, () => queue.send(sample())));
    const handles: string[] = [];
    await eventually(async () => {
      handles.push(...(await queue.receive(10, 1)).map(({ receiptHandle }) => receiptHandle));
      return handles.length === 10;
    });
    expect(await queue.deleteMany(handles)).toEqual([]);
    await eventually(async () => {
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    });
  });

  it('delete what can be deleted beside what cannot', async () => {
    const { queue } = await stack().queues();
    await queue.send(sample());
    const { receiptHandle } = await receiveOne(queue);
    await queue.deleteMany(['no such handle', receiptHandle]);
    await eventually(async () => {
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    });
  });

  asAws(
    'name what could not be deleted',
    {
      embedded: 'otherwise',
      instead: 'a message that stays is found finished when it comes, and deleted then',
    },
    async () => {
      const { queueUrl } = await stack().queues();
      const { Failed: failed } = await stack().clients.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: [{ Id: '0', ReceiptHandle: 'no such handle' }],
        }),
      );
      expect(failed?.map(({ Id: id }) => id)).toEqual(['0']);
    },
  );
});

describe.concurrent('a message', () => {
  it('may be as large as the product makes it, and a little larger', async () => {
    const { queue } = await stack().queues();
    const sent = {
      ...sample(),
      inputs: [{ text: '\u00fc'.repeat(40_000), requestId: 'r', acceptedAtMs: 1 }],
    };
    expect(asciiJson(sent).length).toBeGreaterThan(PRODUCT_BOUND_BYTES);
    await queue.send(sent);
    expect(JSON.parse((await receiveOne(queue)).body)).toEqual(sent);
  });

  asAws(
    'may be 1 MiB',
    { embedded: 'as AWS', instead: 'a batch is bounded to about 200 KB of message, under every limit' },
    async () => {
      const { queueUrl, queue } = await stack().queues();
      const send = (bytes: number) =>
        stack().clients.sqs.send(
          new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x'.repeat(bytes) }),
        );
      await send(MIB);
      expect((await receiveOne(queue)).body).toHaveLength(MIB);
      await expect(send(MIB + 1)).rejects.toThrow();
    },
  );

  asAws(
    'may hold an emoji as it is',
    { embedded: 'otherwise', instead: 'bodies are ASCII JSON, so that no character is refused' },
    async () => {
      const { queueUrl, queue } = await stack().queues();
      const body = 'emoji 😀';
      await stack().clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
      expect((await receiveOne(queue)).body).toBe(body);
    },
  );

  asAws(
    'may hold no control character',
    { embedded: 'as AWS', instead: 'bodies are ASCII JSON, where control characters are escaped' },
    async () => {
      const { queueUrl } = await stack().queues();
      const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'bell \u0007' });
      await expect(stack().clients.sqs.send(command)).rejects.toThrow();
    },
  );
});

describe.concurrent('a queue', () => {
  it('tells that it is another one after it was deleted and made again, and is empty then', async () => {
    const { queue, described } = await stack().queues();
    await queue.send(sample());
    const before = await queue.createdAt();
    // It is told in seconds.
    await eventually(() => Math.floor(Date.now() / 1000) > Number(before));
    await removeQueues(stack().clients.sqs, described);
    const made = await eventually(() => ensureQueues(stack().clients.sqs, {}, described), {
      timeoutMs: 90_000,
    });
    const again = new SqsBatchQueue(stack().clients.sqs, made);
    expect(await again.createdAt()).not.toBe(before);
    expect(await again.receive(10, 0)).toEqual([]);
  }, 120_000);

  it('that is gone is told as a stack that does not answer', async () => {
    const { queue, described } = await stack().queues();
    await removeQueues(stack().clients.sqs, described);
    await expect(queue.send(sample())).rejects.toMatchObject({ code: 'stack_unavailable' });
    await expect(queue.receive(1, 0)).rejects.toMatchObject({ code: 'stack_unavailable' });
    await expect(queue.createdAt()).rejects.toMatchObject({ code: 'stack_unavailable' });
  });

  it('can be looked at without being changed', async () => {
    const { queue, described } = await stack().queues({ visibilityTimeoutSeconds: 17 });
    const reader = new SqsQueueReader(stack().clients.sqs, described);
    await queue.send(sample());
    await eventually(async () => {
      expect(await reader.batches()).toEqual({
        depth: { visible: 1, inFlight: 0, delayed: 0 },
        visibilityTimeoutMs: 17_000,
      });
    });
    expect(await reader.deadLetters()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const nowhere = new SqsQueueReader(stack().clients.sqs, stack().names());
    await expect(nowhere.batches()).rejects.toMatchObject({ code: 'stack_unavailable' });
  });

  it('keeps attributes that somebody else set, but for those that are ours', async () => {
    const { queueUrl, described } = await stack().queues({ visibilityTimeoutSeconds: 5 });
    const { sqs } = stack().clients;
    const Attributes = { DelaySeconds: '3', VisibilityTimeout: '99' };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes }));
    await ensureQueues(sqs, { visibilityTimeoutSeconds: 5 }, described);
    const reader = new SqsQueueReader(sqs, described);
    expect((await reader.batches()).visibilityTimeoutMs).toBe(5000);
    const delayed = new SqsBatchQueue(sqs, { queueUrl, deadLetterQueueUrl: queueUrl });
    await delayed.send(sample());
    await eventually(async () => {
      expect((await reader.batches()).depth).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    });
    expect(await delayed.receive(1, 0)).toEqual([]);
  });
});
