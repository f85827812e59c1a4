/** The queue of batches, and where its messages go that were received too often. */
import type { BatchMessage } from '../batch/message.js';

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  /** How often the queue has handed this message out, this time included: from 1. */
  readonly receiveCount: number;
  readonly body: string;
  /** The trace that its sender gave it. */
  readonly traceparent?: string;
}

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Every method throws `StackUnavailableError` where the queue does not answer. */
export interface MessageSource {
  /** Waits up to `waitSeconds` (whole, 0–20) for the first of at most `max` (1–10) messages. Never abort it. */
  receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]>;
  /**
   * `seconds` is whole; 0 hands the message out again at once. A stale receipt handle is no error. Nothing is sent, or
   * sent again, once `withinMs` have passed.
   */
  changeVisibility(receiptHandle: string, seconds: number, withinMs?: number): Promise<void>;
  /** At most ten at a time; resolves with the handles that could not be deleted. A stale one counts as deleted. */
  deleteMany(receiptHandles: readonly string[]): Promise<readonly string[]>;
  depth(): Promise<QueueDepth>;
}

export interface BatchQueue extends MessageSource {
  /** @param traceparent travels with the message */
  send(message: BatchMessage, traceparent?: string): Promise<void>;
  /** Where a message goes after too many receives. */
  readonly deadLetters: MessageSource;
  /** When the queue was made, as the queue tells it: another value means another queue, without the old one's messages. */
  createdAt(): Promise<string>;
}
