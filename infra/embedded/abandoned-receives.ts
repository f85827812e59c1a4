/**
 * A long poll whose caller is gone still takes the next messages, which would then hide until their visibility
 * timeout. Whoever writes such an answer puts them back instead; only their receive count stays raised.
 */
import { z } from 'zod';

const receiveRequestSchema = z.object({ QueueUrl: z.string() });
const receiveAnswerSchema = z.object({
  Messages: z.array(z.object({ ReceiptHandle: z.string() })).default([]),
});

export interface AbandonedReceive {
  readonly queueUrl: string;
  readonly receiptHandles: readonly string[];
}

export const RECEIVE_TARGET = 'AmazonSQS.ReceiveMessage';

export function readReceive(requestBody: unknown, answer: unknown): AbandonedReceive | undefined {
  const request = receiveRequestSchema.safeParse(requestBody);
  const received = receiveAnswerSchema.safeParse(parseJson(answer));
  if (!request.success || !received.success || received.data.Messages.length === 0) return undefined;
  return {
    queueUrl: request.data.QueueUrl,
    receiptHandles: received.data.Messages.map(({ ReceiptHandle }) => ReceiptHandle),
  };
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined; // an answer that is no JSON holds no messages
  }
}
