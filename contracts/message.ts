/** The body of a batch's SQS message: all that makes the DynamoDB item, so that either can bring back the other. */
import { z } from 'zod';

export const batchInputSchema = z.object({
  text: z.string(),
  requestId: z.string(),
  /** Admission, epoch ms. */
  acceptedAtMs: z.number(),
  /** Epoch ms. */
  deadlineAtMs: z.number().optional(),
  /** The dead-lettered task whose text this is once more. */
  redriveOf: z.string().optional(),
  /** Under which its request is taken in once: whoever finds the batch finds the key by it. */
  key: z.string().optional(),
});

export const batchMessageSchema = z.object({
  version: z.literal(1),
  batchId: z.string(),
  batchNumber: z.int().nonnegative(),
  coordinatorId: z.string(),
  createdAtMs: z.number(),
  /** 1 for the original message, higher for one that a reconciler sent again. */
  send: z.int().positive(),
  inputs: z.array(batchInputSchema).min(1).max(256),
});

export type BatchInput = Readonly<z.infer<typeof batchInputSchema>>;
export type BatchMessage = Readonly<Omit<z.infer<typeof batchMessageSchema>, 'inputs'>> & {
  readonly inputs: readonly BatchInput[];
};
