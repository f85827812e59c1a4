import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { resources, type Resources } from '../resources/resources.js';
import type { QueueUrls } from './sqs-batch-queue.js';
import { callStack, isNamed, stackError } from './stack-calls.js';

/** The settings of the queue; where they say nothing, resources.json does. */
export interface QueueSettings {
  readonly visibilityTimeoutSeconds?: number | undefined;
  readonly maxReceiveCount?: number | undefined;
  readonly messageRetentionSeconds?: number | undefined;
}

type Attributes = Readonly<Record<string, string>>;

const redrivePolicySchema = z.object({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.union([z.number(), z.string()]),
});

/** Creates what is missing, and brings what exists in line. */
export async function ensureQueues(
  client: SQSClient,
  settings: QueueSettings,
  { queues }: Resources = resources,
): Promise<QueueUrls> {
  const { batches, deadLetters } = queues;
  const deadLetterQueueUrl = await ensureQueue(
    client,
    deadLetters.createQueue.QueueName,
    deadLetters.createQueue.Attributes,
  );
  const queueUrl = await ensureQueue(client, batches.createQueue.QueueName, {
    ...batches.createQueue.Attributes,
    ...overrides(settings),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: await arnOf(client, deadLetterQueueUrl),
      maxReceiveCount: settings.maxReceiveCount ?? batches.maxReceiveCount,
    }),
  });
  return { queueUrl, deadLetterQueueUrl };
}

function overrides({ visibilityTimeoutSeconds, messageRetentionSeconds }: QueueSettings): Attributes {
  return {
    ...(visibilityTimeoutSeconds === undefined
      ? {}
      : { VisibilityTimeout: String(visibilityTimeoutSeconds) }),
    ...(messageRetentionSeconds === undefined
      ? {}
      : { MessageRetentionPeriod: String(messageRetentionSeconds) }),
  };
}

async function ensureQueue(client: SQSClient, name: string, attributes: Attributes): Promise<string> {
  const { url, isNew } = (await findQueue(client, name)) ?? (await createQueue(client, name, attributes));
  if (isNew) return url;
  const current = await readAttributes(client, url, Object.keys(attributes) as QueueAttributeName[]);
  const different = differingAttributes(attributes, current);
  if (Object.keys(different).length === 0) return url;
  const command = new SetQueueAttributesCommand({ QueueUrl: url, Attributes: different });
  await callStack('SetQueueAttributes', client.send(command));
  return url;
}

/** Nothing is set that stands already: who may only use the queues must be able to start. */
export function differingAttributes(wanted: Attributes, current: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => comparable(name, value) !== comparable(name, current[name]),
    ),
  );
}

/** Stacks write the same policy in other orders, and its number as text. */
function comparable(name: string, value = ''): string {
  if (name !== 'RedrivePolicy' || value === '') return value;
  const { deadLetterTargetArn, maxReceiveCount } = redrivePolicySchema.parse(JSON.parse(value));
  return `${deadLetterTargetArn} after ${maxReceiveCount}`;
}

interface Queue {
  readonly url: string;
  readonly isNew: boolean;
}

/** @throws StackUnavailableError */
export async function findQueue(client: SQSClient, name: string): Promise<Queue | undefined> {
  try {
    const { QueueUrl: url } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return url === undefined ? undefined : { url, isNew: false };
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw stackError('GetQueueUrl', error);
  }
}

async function createQueue(client: SQSClient, name: string, attributes: Attributes): Promise<Queue> {
  try {
    const { QueueUrl: url = '' } = await client.send(
      new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
    );
    return { url, isNew: true };
  } catch (error) {
    const wasCreatedMeanwhile = isNamed(error, 'QueueNameExists', 'QueueAlreadyExists');
    const existing = wasCreatedMeanwhile ? await findQueue(client, name) : undefined;
    if (existing === undefined) throw stackError('CreateQueue', error);
    return existing;
  }
}

async function arnOf(client: SQSClient, queueUrl: string): Promise<string> {
  return (await readAttributes(client, queueUrl, ['QueueArn']))['QueueArn'] ?? '';
}

async function readAttributes(
  client: SQSClient,
  url: string,
  names: readonly QueueAttributeName[],
): Promise<Attributes> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
  return (await callStack('GetQueueAttributes', client.send(command))).Attributes ?? {};
}
