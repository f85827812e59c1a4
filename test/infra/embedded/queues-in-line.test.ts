/** An attribute that stands already is not set again: who may use queues and tables, but not change them, must be able to start. */
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensureResources } from '../../../infra/aws/ensure-resources.js';
import { differingAttributes } from '../../../infra/aws/ensure-queues.js';
import { meterCalls } from '../../../infra/aws/metering/meter-calls.js';
import { forbid, withTimeToLive } from '../../support/as-on-aws.js';
import { clientsOf, startTestStack, type TestStack } from '../../support/embedded.js';

const MAKING = ['CreateQueue', 'SetQueueAttributes', 'CreateTable', 'UpdateTimeToLive'];
const SETTINGS = { visibilityTimeoutSeconds: 30, maxReceiveCount: 10, messageRetentionSeconds: 86_400 };

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ queue: SETTINGS });
});
afterAll(() => stack.close());

function clientsOfUser() {
  const clients = clientsOf(stack.url);
  onTestFinished(() => clients.close());
  const calls: string[] = [];
  meterCalls(clients, ({ operation, resource }) => void calls.push(`${operation} ${resource}`));
  withTimeToLive(clients);
  return { clients, calls };
}

describe('queues and tables that are in line', () => {
  it('are ready for those who may not change them', async () => {
    const { clients, calls } = clientsOfUser();
    forbid(clients, MAKING);
    expect(await ensureResources(clients, SETTINGS)).toEqual(stack.resources);
    expect(calls.filter((call) => MAKING.some((operation) => call.startsWith(operation)))).toEqual([]);
  });

  it('are changed in what differs, and only there', async () => {
    const { clients, calls } = clientsOfUser();
    const settings = { ...SETTINGS, maxReceiveCount: 4 };
    await ensureResources(clients, settings);
    expect(calls.filter((call) => call.startsWith('SetQueueAttributes'))).toEqual([
      'SetQueueAttributes queue batches',
    ]);
    const read = new GetQueueAttributesCommand({
      QueueUrl: stack.resources.queueUrl,
      AttributeNames: ['All'],
    });
    const { Attributes: attributes = {} } = await clients.sqs.send(read);
    expect(JSON.parse(attributes.RedrivePolicy ?? '')).toMatchObject({ maxReceiveCount: 4 });
    expect(attributes.VisibilityTimeout).toBe('30');
    await ensureResources(clients, SETTINGS);
  });

  it('that are not, and may not be changed, stop the start and say why', async () => {
    const { clients } = clientsOfUser();
    forbid(clients, MAKING);
    await expect(ensureResources(clients, { ...SETTINGS, visibilityTimeoutSeconds: 7 })).rejects.toThrow(
      /SetQueueAttributes.*not authorized/s,
    );
  });
});

describe('what differs', () => {
  const policy = (maxReceiveCount: number | string) =>
    JSON.stringify({ deadLetterTargetArn: 'arn', maxReceiveCount });

  it('is what is missing or another value', () => {
    expect(differingAttributes({ a: '1', b: '2', c: '3' }, { a: '1', b: '1' })).toEqual({ b: '2', c: '3' });
  });

  it('is not the way in which a policy is written', () => {
    const written = `{ "maxReceiveCount": "10", "deadLetterTargetArn": "arn" }`;
    expect(differingAttributes({ RedrivePolicy: policy(10) }, { RedrivePolicy: written })).toEqual({});
    expect(differingAttributes({ RedrivePolicy: policy(11) }, { RedrivePolicy: written })).toEqual({
      RedrivePolicy: policy(11),
    });
    expect(differingAttributes({ RedrivePolicy: policy(10) }, {})).toEqual({ RedrivePolicy: policy(10) });
  });
});
