/** The parts of a batch that its item holds as JSON; what is read back is checked, for anyone may write to a table. */
import { z } from 'zod';
import type { DeliveryRecord, Slot } from '../../contracts/batch.js';
import { batchInputSchema } from '../../contracts/message.js';

const taskErrorSchema = z.object({ code: z.string(), message: z.string() });
const outcomeSchema = z.enum(['succeeded', 'failed', 'released', 'lost', 'late']);
const finalShape = { finishedAtMs: z.number(), totalMs: z.number() };

const slotSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('open'),
    failedAlone: z.number(),
    lastError: taskErrorSchema.exactOptional(),
  }),
  z.object({
    status: z.literal('succeeded'),
    ...finalShape,
    label: z.string(),
    score: z.number(),
    tokens: z.number(),
    workerId: z.string(),
    delivery: z.number(),
    queueMs: z.number(),
    computeMs: z.number(),
  }),
  z.object({ status: z.literal('failed'), ...finalShape, error: taskErrorSchema }),
  z.object({ status: z.literal('expired'), ...finalShape }),
  z.object({ status: z.literal('cancelled'), ...finalShape }),
]) satisfies z.ZodType<Slot>;

const invokeRecordSchema = z.object({
  workerId: z.string(),
  slots: z.array(z.number()),
  startedAtMs: z.number(),
  endedAtMs: z.number().exactOptional(),
  outcome: z.union([outcomeSchema, z.array(outcomeSchema)]).exactOptional(),
  fault: z.string().exactOptional(),
  error: taskErrorSchema.exactOptional(),
});

export const slotsSchema = z.array(slotSchema);
export const inputsSchema = z.array(batchInputSchema);

export const deliverySchema = z.object({
  messageId: z.string(),
  receiveCount: z.number(),
  number: z.number(),
  coordinatorId: z.string(),
  slots: z.array(z.number()),
  startedAtMs: z.number(),
  endedAtMs: z.number().exactOptional(),
  outcome: outcomeSchema.exactOptional(),
  invokes: z.array(invokeRecordSchema),
}) satisfies z.ZodType<DeliveryRecord>;
