import { GetQueueUrlCommand, PurgeQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { resources, type Resources } from '../resources/resources.js';
import { callStack } from './stack-calls.js';

/**
 * Every message of the queue of batches is gone, those in flight as well: what chaos does to see it made good. Dead
 * letters stay.
 * @throws StackUnavailableError
 */
export async function purgeBatchQueue(client: SQSClient, described: Resources = resources): Promise<void> {
  const { QueueName } = described.queues.batches.createQueue;
  const { QueueUrl } = await callStack('GetQueueUrl', client.send(new GetQueueUrlCommand({ QueueName })));
  await callStack('PurgeQueue', client.send(new PurgeQueueCommand({ QueueUrl })));
}
