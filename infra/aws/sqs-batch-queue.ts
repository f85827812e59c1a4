import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { BatchMessage } from '../../contracts/batch/message.js';
import type {
  BatchQueue,
  MessageSource,
  QueueDepth,
  ReceivedMessage,
} from '../../contracts/stack/batch-queue.js';
import { asciiJson } from '../../contracts/common/text.js';
import { TRACEPARENT } from '../../contracts/system/tracing.js';
import { REQUEST_TIMEOUT_MS } from './clients.js';
import { readQueueFigures } from './queue-figures.js';
import { callStack, isNamed, stackError } from './stack-calls.js';

export interface QueueUrls {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** The calls that every queue of ours takes. */
class SqsMessageSource implements MessageSource {
  protected readonly client: SQSClient;
  protected readonly url: string;

  constructor(client: SQSClient, url: string) {
    this.client = client;
    this.url = url;
  }

  async receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: max,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      MessageAttributeNames: [TRACEPARENT],
    });
    const requestTimeout = waitSeconds * 1000 + REQUEST_TIMEOUT_MS;
    const { Messages: messages = [] } = await callStack(
      'ReceiveMessage',
      this.client.send(command, { requestTimeout }),
    );
    return messages.map(readMessage);
  }

  async changeVisibility(receiptHandle: string, seconds: number, withinMs?: number): Promise<void> {
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: this.url,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    });
    try {
      const options =
        withinMs === undefined ? {} : { abortSignal: AbortSignal.timeout(Math.max(0, Math.floor(withinMs))) };
      await this.client.send(command, options);
    } catch (error) {
      if (!isStaleHandle(error)) throw stackError('ChangeMessageVisibility', error);
    }
  }

  async deleteMany(receiptHandles: readonly string[]): Promise<readonly string[]> {
    if (receiptHandles.length === 0) return [];
    const command = new DeleteMessageBatchCommand({
      QueueUrl: this.url,
      Entries: receiptHandles.map((handle, index) => ({ Id: String(index), ReceiptHandle: handle })),
    });
    const { Failed: failed = [] } = await callStack('DeleteMessageBatch', this.client.send(command));
    // ElasticMQ refuses a handle of a message that is gone; others take it for deleted.
    const left = failed.filter(({ Code: code }) => code !== 'ReceiptHandleIsInvalid');
    const failedIds = new Set(left.map(({ Id: id }) => id));
    return receiptHandles.filter((_, index) => failedIds.has(String(index)));
  }

  async depth(): Promise<QueueDepth> {
    return (await readQueueFigures(this.client, this.url)).depth;
  }
}

/** Batches as messages of one queue. */
export class SqsBatchQueue extends SqsMessageSource implements BatchQueue {
  readonly deadLetters: MessageSource;

  constructor(client: SQSClient, { queueUrl, deadLetterQueueUrl }: QueueUrls) {
    super(client, queueUrl);
    this.deadLetters = new SqsMessageSource(client, deadLetterQueueUrl);
  }

  async send(message: BatchMessage, traceparent?: string): Promise<void> {
    const attribute = { [TRACEPARENT]: { DataType: 'String', StringValue: traceparent } };
    const command = new SendMessageCommand({
      QueueUrl: this.url,
      MessageBody: asciiJson(message),
      ...(traceparent !== undefined && { MessageAttributes: attribute }),
    });
    await callStack('SendMessage', this.client.send(command));
  }

  async createdAt(): Promise<string> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.url,
      AttributeNames: ['CreatedTimestamp'],
    });
    const { Attributes: attributes } = await callStack('GetQueueAttributes', this.client.send(command));
    return attributes?.CreatedTimestamp ?? '';
  }
}

/** A missing field reads as empty, a missing receive count as a first receive: no queue that we know leaves it out. */
function readMessage(message: Message): ReceivedMessage {
  const traceparent = message.MessageAttributes?.[TRACEPARENT]?.StringValue;
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
    body: message.Body ?? '',
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** The message was deleted, or handed out again since: nothing is left to change. */
function isStaleHandle(error: unknown): boolean {
  if (isNamed(error, 'MessageNotInflight', 'ReceiptHandleIsInvalid')) return true;
  const isAboutValue = isNamed(error, 'InvalidParameterValue', 'InvalidParameterValueException');
  return isAboutValue && error instanceof Error && /does not exist|receipt handle/i.test(error.message);
}
