/**
 * The body of a batch's SQS message: all that makes the DynamoDB item, so that either can bring back the other. Whoever
 * reaches the queue can write one, so everything in it is bounded by what admission lets in.
 */
import { z } from 'zod';
import { batchIdSchema } from './ids.js';
import { MAX_TEXT_LENGTH, MAX_TEXTS } from './text-bounds.js';
import { epochMsSchema } from '../common/times.js';

/** More than ids, keys and request ids ever have. */
const MAX_WORD_LENGTH = 1000;
const word = z.string().max(MAX_WORD_LENGTH);

export const batchInputSchema = z.object({
  text: z.string().max(MAX_TEXT_LENGTH),
  requestId: word,
  /** Admission, epoch ms. */
  acceptedAtMs: epochMsSchema,
  /** Epoch ms. */
  deadlineAtMs: epochMsSchema.optional(),
  /** The dead-lettered task whose text this is once more. */
  redriveOf: word.optional(),
  /** Under which its request is taken in once: whoever finds the batch finds the key by it. */
  key: word.optional(),
});

export const batchMessageSchema = z.object({
  version: z.literal(1),
  batchId: batchIdSchema,
  batchNumber: z.int().nonnegative(),
  coordinatorId: word,
  createdAtMs: epochMsSchema,
  /** 1 for the original message, higher for one that a reconciler sent again. */
  send: z.int().positive(),
  inputs: z.array(batchInputSchema).min(1).max(MAX_TEXTS),
});

export type BatchInput = Readonly<z.infer<typeof batchInputSchema>>;
export type BatchMessage = Readonly<Omit<z.infer<typeof batchMessageSchema>, 'inputs'>> & {
  readonly inputs: readonly BatchInput[];
};
