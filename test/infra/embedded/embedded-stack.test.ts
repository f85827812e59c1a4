import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClients } from '../../../infra/aws/clients.js';
import { findQueue } from '../../../infra/aws/ensure-queues.js';
import { SqsBatchQueue } from '../../../infra/aws/sqs-batch-queue.js';
import { resources as resourceDescriptions } from '../../../infra/resources/resources.js';
import { startBareStack, startTestStack, type TestStack } from '../../support/embedded.js';
import { settle, startWaitingReceive, vanishWhileWriting } from '../../support/raw-calls.js';
import { messageOf, sampleBatch } from '../../support/sample-batch.js';

async function startedStack(): Promise<TestStack> {
  const stack = await startTestStack();
  onTestFinished(() => stack.close());
  return stack;
}

async function isHealthy(url: string): Promise<boolean> {
  return (await fetch(`${url}/_boomerang/health`)).ok;
}

describe('the embedded stack', () => {
  it('listens on loopback, and says that it is there', async () => {
    const stack = await startBareStack();
    onTestFinished(() => stack.close());
    expect(await isHealthy(stack.url)).toBe(true);
    const { port } = new URL(stack.url);
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    for (const { address } of others.filter(({ family, internal }) => family === 'IPv4' && !internal)) {
      await expect(isHealthy(`http://${address}:${port}`)).rejects.toThrow();
    }
  });

  it('has one region, whatever the caller takes for it', async () => {
    const { url, resources } = await startedStack();
    const options = { endpointSqs: url, endpointDynamodb: url, live: false };
    const elsewhere = createClients({ ...options, region: 'eu-west-3' });
    onTestFinished(() => elsewhere.close());
    const found = await findQueue(elsewhere.sqs, resourceDescriptions.queues.batches.createQueue.QueueName);
    expect(found?.url).toBe(resources.queueUrl);
  });

  it('says which port is taken', async () => {
    const first = await startBareStack();
    onTestFinished(() => first.close());
    const port = Number(new URL(first.url).port);
    await expect(startBareStack(undefined, port)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });

  it('puts back what an abandoned long poll took', async () => {
    const { url, clients, resources } = await startedStack();
    const queue = new SqsBatchQueue(clients.sqs, resources);
    const poll = await startWaitingReceive(url, resources.queueUrl, 20);
    poll.abandon();
    await settle(url);
    await queue.send(messageOf(sampleBatch()));
    const received = await queue.receive(1, 10);
    expect(received.map(({ receiveCount }) => receiveCount)).toEqual([2]);
  });

  it('outlives a caller that vanishes in the middle of a request', async () => {
    const { url } = await startedStack();
    await vanishWhileWriting(url);
    expect(await isHealthy(url)).toBe(true);
  });

  it('closes while a long poll waits, and answers it', async () => {
    const stack = await startTestStack();
    const poll = await startWaitingReceive(stack.url, stack.resources.queueUrl, 20);
    await stack.close();
    expect(JSON.parse(await poll.answer)).toEqual({});
  });
});
