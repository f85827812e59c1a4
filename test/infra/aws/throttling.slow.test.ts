/** No emulator does this: a stack that says that it is asked too much. */
import { describe, expect, it, vi } from 'vitest';
import { StackThrottledError, StackUnavailableError } from '../../../contracts/errors/errors.js';
import { encodeBatch } from '../../../infra/aws/batch-codec.js';
import { createStackPorts } from '../../../infra/aws/ports.js';
import { tableNames } from '../../../infra/resources/resources.js';
import { messageOf, sampleBatch } from '../../support/sample-batch.js';
import { scriptedAws, type ScriptedAnswer } from '../../support/scripted-aws.js';

const throttled: ScriptedAnswer = {
  status: 400,
  body: { __type: 'com.amazon.coral.availability#ThrottlingException', message: 'too much' },
};

const isOfShard = (body: string, shard: number) => body.includes(`#${shard}"`);

async function scriptedPorts(answer: Parameters<typeof scriptedAws>[0]) {
  const urls = { queueUrl: 'http://queue/1', deadLetterQueueUrl: 'http://queue/2' };
  return createStackPorts(await scriptedAws(answer), { ...urls, tableNames }, { now: () => 0 });
}

/** Ports on a server that answers every call so. */
async function portsOn(answer: ScriptedAnswer) {
  let calls = 0;
  const ports = await scriptedPorts(() => {
    calls += 1;
    return answer;
  });
  return { ...ports, calls: () => calls };
}

const refusing = (name: string) => portsOn({ status: 400, body: { __type: name, message: 'too much' } });

describe('a stack that throttles', () => {
  it.each([
    'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    'com.amazon.coral.availability#ThrottlingException',
    'com.amazonaws.dynamodb.v20120810#RequestLimitExceeded',
  ])('is asked once more, then taken for one that does not answer: %s', async (name) => {
    const { batches, keys, calls } = await refusing(name);
    const batch = sampleBatch();
    const requested = [batches.create(batch), batches.replace(batch, batch), keys.read('key')];
    const results = await Promise.allSettled(requested);
    for (const result of results) {
      expect(result).toMatchObject({ reason: expect.any(StackUnavailableError) as Error });
    }
    expect(calls()).toBe(2 * requested.length);
  });

  it('is asked once more by a queue as well', async () => {
    const { queue, calls } = await refusing('com.amazonaws.sqs#RequestThrottled');
    await expect(queue.send(messageOf(sampleBatch()))).rejects.toBeInstanceOf(StackUnavailableError);
    expect(calls()).toBe(2);
  });

  it('by giving nothing of many is not asked for ever', async () => {
    const unprocessed = { [tableNames.batches]: { Keys: [{ id: { S: 'one' } }] } };
    const { batches, calls } = await portsOn({
      status: 200,
      body: { Responses: {}, UnprocessedKeys: unprocessed },
    });
    await expect(batches.readMany(['one'])).rejects.toMatchObject({ code: 'stack_unavailable' });
    expect(calls()).toBe(1);
  });

  it('is told apart from one that does not answer', async () => {
    const { batches, queue } = await refusing('com.amazon.coral.availability#ThrottlingException');
    await expect(batches.read('one')).rejects.toBeInstanceOf(StackThrottledError);
    await expect(queue.depth()).rejects.toBeInstanceOf(StackThrottledError);
    const { batches: failing } = await refusing('com.amazonaws.dynamodb.v20120810#InternalServerError');
    await expect(failing.read('one')).rejects.not.toBeInstanceOf(StackThrottledError);
  });

  it('in some partitions gives what lies in the others to those who can go on without the rest', async () => {
    const there = sampleBatch();
    const ports = await scriptedPorts((operation, body) => {
      if (operation === 'Query') return isOfShard(body, 1) ? throttled : { status: 200, body: { Items: [] } };
      const unprocessed = { [tableNames.batches]: { Keys: [{ id: { S: 'busy' } }] } };
      const found = body.includes(there.id) ? [encodeBatch(there)] : [];
      return {
        status: 200,
        body: { Responses: { [tableNames.batches]: found }, UnprocessedKeys: unprocessed },
      };
    });
    const unread: string[] = [];
    const found = await ports.batches.readMany([there.id, 'busy'], (ids) => unread.push(...ids));
    expect(found.map(({ id }) => id)).toEqual([there.id]);
    expect(unread).toEqual(['busy']);
    await expect(ports.batches.readMany([there.id, 'busy'])).rejects.toBeInstanceOf(StackThrottledError);

    const onThrottled = vi.fn();
    expect(await ports.batches.listOpen(1, onThrottled)).toEqual({ entries: [], more: false });
    expect(onThrottled).toHaveBeenCalledOnce();
    await expect(ports.batches.listOpen(1)).rejects.toBeInstanceOf(StackThrottledError);
  });
});
