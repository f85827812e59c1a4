import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { request } from 'undici';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { SqsBatchQueue } from '../../../infra/aws/sqs-batch-queue.js';
import { startTestStack, type TestStack } from '../../support/embedded.js';
import { eventually } from '../../support/eventually.js';
import { startWaitingReceive } from '../../support/raw-calls.js';
import { messageOf, sampleBatch } from '../../support/sample-batch.js';

const TOKEN = 'token-of-the-supervisor';

let stack: TestStack;
let queue: SqsBatchQueue;

beforeEach(async () => {
  stack = await startTestStack({ controlToken: TOKEN });
  queue = new SqsBatchQueue(stack.clients.sqs, stack.resources);
  onTestFinished(() => stack.close());
});

async function network(method: 'GET' | 'PUT' | 'DELETE' | 'POST', body?: unknown, token = TOKEN) {
  const answer = await request(`${stack.url}/_boomerang/network`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, body: await answer.body.json() };
}

const SOUND = { delayMs: 0, jitterMs: 0, cut: false };

/** One call to each service, timed. */
async function invokeCallMs(): Promise<readonly number[]> {
  const timed = async (call: () => Promise<unknown>) => {
    const startedAtMs = performance.now();
    await call();
    return performance.now() - startedAtMs;
  };
  const read = () =>
    stack.clients.dynamodb.send(new DescribeTableCommand({ TableName: stack.resources.tableNames.batches }));
  return [await timed(() => queue.depth()), await timed(read)];
}

describe('latency', () => {
  it('is added to every exchange with either service, and none to ours', async () => {
    expect(await network('PUT', { delayMs: 150, jitterMs: 30 })).toEqual({
      status: 200,
      body: { delayMs: 150, jitterMs: 30, cut: false },
    });
    for (const tookMs of await invokeCallMs()) {
      expect(tookMs).toBeGreaterThan(115);
    }
    const startedAtMs = performance.now();
    expect((await network('DELETE')).body).toEqual(SOUND);
    expect(performance.now() - startedAtMs).toBeLessThan(115);
    for (const tookMs of await invokeCallMs()) expect(tookMs).toBeLessThan(115);
  });

  it('is over when its time is', async () => {
    await network('PUT', { delayMs: 5, forMs: 150 });
    const { body } = await network('GET');
    expect(body).toMatchObject({ delayMs: 5, leftMs: expect.any(Number) as number });
    await eventually(async () => expect((await network('GET')).body).toEqual(SOUND));
  });

  it('lets the work be done whose caller has left before it hears of it', async () => {
    await network('PUT', { delayMs: 400 });
    const call = request(stack.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: JSON.stringify({ QueueUrl: stack.resources.queueUrl, MessageBody: '{}' }),
      signal: AbortSignal.timeout(300),
    });
    await expect(call).rejects.toThrow();
    await network('DELETE');
    expect(await queue.depth()).toMatchObject({ visible: 1 });
  });

  it('loses a request whose caller leaves while it is on its way', async () => {
    await network('PUT', { delayMs: 600 });
    const call = request(stack.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: JSON.stringify({ QueueUrl: stack.resources.queueUrl, MessageBody: '{}' }),
      signal: AbortSignal.timeout(100),
    });
    await expect(call).rejects.toThrow();
    // this one is sent later and takes as long, so the other would have arrived before it
    expect(await queue.depth()).toMatchObject({ visible: 0 });
    await network('DELETE');
    expect(await queue.depth()).toMatchObject({ visible: 0 });
  });
});

describe('a cut', () => {
  it('resets every call, the waiting ones too, until it is healed', async () => {
    const poll = await startWaitingReceive(stack.url, stack.resources.queueUrl, 20);
    expect((await network('PUT', { cut: true })).body).toEqual({ ...SOUND, cut: true });
    await expect(poll.answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(queue.depth()).rejects.toThrow('GetQueueAttributes failed');
    await expect(queue.send(messageOf(sampleBatch()))).rejects.toThrow('SendMessage failed');
    expect((await network('GET')).body).toMatchObject({ cut: true });
    await network('DELETE');
    expect(await queue.depth()).toMatchObject({ visible: 0 });
  });

  it('ends when its time is over', async () => {
    await network('PUT', { cut: true, forMs: 200 });
    await expect(queue.depth()).rejects.toThrow();
    await eventually(async () => expect(await queue.depth()).toMatchObject({ visible: 0 }));
  });

  it('leaves what is stored alone', async () => {
    const sent = messageOf(sampleBatch());
    await queue.send(sent);
    await network('PUT', { cut: true, forMs: 50 });
    const [received] = await eventually(() => queue.receive(1, 1));
    expect(JSON.parse(received?.body ?? '')).toEqual(sent);
  });
});

describe('PUT /_boomerang/network', () => {
  it.each([[{ delayMs: -1 }], [{ delayMs: 60_001 }], [{ cut: 'yes' }], [{ slow: true }], [5], ['nonsense']])(
    'refuses %j and changes nothing',
    async (body) => {
      expect((await network('PUT', body)).status).toBe(400);
      expect((await network('GET')).body).toEqual(SOUND);
    },
  );

  it('is one of three methods', async () => {
    expect((await network('POST')).status).toBe(405);
  });

  it('wants the control token, to look as well, and lets nobody in where there is none', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      expect((await network(method, { cut: true }, 'another')).status).toBe(401);
    }
    const open = await startTestStack();
    onTestFinished(() => open.close());
    for (const authorization of [undefined, 'Bearer', 'Bearer ', 'Bearer undefined']) {
      const headers = authorization === undefined ? {} : { authorization };
      expect((await fetch(`${open.url}/_boomerang/network`, { headers })).status).toBe(401);
    }
    expect((await network('GET')).body).toEqual(SOUND);
  });
});
