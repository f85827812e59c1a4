import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { StackUnavailableError } from '../../contracts/errors.js';
import { resources, type Resources } from '../resources/resources.js';
import type { QueueUrls } from './sqs-batch-queue.js';
import { callStack, isNamed } from './stack-calls.js';

/** What the settings say of the queue; where they say nothing, resources.json does. */
export interface QueueSettings {
  readonly visibilityTimeoutSeconds?: number | undefined;
  readonly maxReceiveCount?: number | undefined;
  readonly messageRetentionSeconds?: number | undefined;
}

type Attributes = Readonly<Record<string, string>>;

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
  const command = new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes });
  await callStack('SetQueueAttributes', client.send(command));
  return url;
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
    throw new StackUnavailableError('GetQueueUrl', error);
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
    if (existing === undefined) throw new StackUnavailableError('CreateQueue', error);
    return existing;
  }
}

async function arnOf(client: SQSClient, queueUrl: string): Promise<string> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes: attributes } = await callStack('GetQueueAttributes', client.send(command));
  return attributes?.QueueArn ?? '';
}
