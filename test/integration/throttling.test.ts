/** What no emulator does: a stack that says that it is asked too much. */
import { describe, expect, it } from 'vitest';
import { StackUnavailableError } from '../../contracts/errors.js';
import { portsOf } from '../../infra/aws/ports.js';
import { tableNames } from '../../infra/resources/resources.js';
import { messageOf, sampleBatch } from '../support/sample-batch.js';
import { scriptedAws, type ScriptedAnswer } from '../support/scripted-aws.js';

/** Ports on a server that answers every call so. */
async function portsOn(answer: ScriptedAnswer) {
  let calls = 0;
  const clients = await scriptedAws(() => {
    calls += 1;
    return answer;
  });
  const urls = { queueUrl: 'http://queue/1', deadLetterQueueUrl: 'http://queue/2' };
  return {
    ...portsOf(clients, { ...urls, tableNames }, { now: () => 0 }),
    calls: () => calls,
  };
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
    const asked = [batches.create(batch), batches.replace(batch, batch), keys.read('key')];
    const results = await Promise.allSettled(asked);
    for (const result of results) {
      expect(result).toMatchObject({ reason: expect.any(StackUnavailableError) as Error });
    }
    expect(calls()).toBe(2 * asked.length);
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
});
