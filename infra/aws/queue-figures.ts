/** Reads a queue's attributes in one call. */
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueDepth } from '../../contracts/stack/batch-queue.js';
import { callStack } from './stack-calls.js';

export interface QueueFigures {
  readonly depth: QueueDepth;
  readonly visibilityTimeoutMs: number;
}

/** @throws StackUnavailableError */
export async function readQueueFigures(client: SQSClient, url: string): Promise<QueueFigures> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
      'VisibilityTimeout',
    ],
  });
  const { Attributes: attributes = {} } = await callStack('GetQueueAttributes', client.send(command));
  return {
    depth: {
      visible: Number(attributes.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    },
    visibilityTimeoutMs: Number(attributes.VisibilityTimeout ?? 0) * 1000,
  };
}
