/** A delivery as an item holds it; what is read back is checked, for anyone may write to a table. */
import { z } from 'zod';
import type { DeliveryRecord } from '../../contracts/batch/batch.js';
import { DELIVERY_CAUSES } from '../../contracts/batch/delivery-cause.js';
import { epochMsSchema } from '../../contracts/common/times.js';

const taskErrorSchema = z.object({ code: z.string(), message: z.string() });
const outcomeSchema = z.enum(['succeeded', 'failed', 'released', 'lost', 'late']);
const invokeRecordSchema = z.object({
  workerId: z.string(),
  slots: z.array(z.number()),
  startedAtMs: epochMsSchema,
  endedAtMs: epochMsSchema.exactOptional(),
  outcome: z.union([outcomeSchema, z.array(outcomeSchema)]).exactOptional(),
  fault: z.string().exactOptional(),
  error: taskErrorSchema.exactOptional(),
  taskErrors: z.array(taskErrorSchema.extend({ slots: z.array(z.number()) })).exactOptional(),
});

export const deliverySchema = z.object({
  messageId: z.string(),
  receiveCount: z.number(),
  copy: z.number().exactOptional(),
  send: z.number().exactOptional(),
  cause: z.enum(DELIVERY_CAUSES).exactOptional(),
  returnedBy: z.enum(['visibility_timeout', 'backoff']).exactOptional(),
  number: z.number(),
  coordinatorId: z.string(),
  slots: z.array(z.number()),
  startedAtMs: epochMsSchema,
  endedAtMs: epochMsSchema.exactOptional(),
  outcome: outcomeSchema.exactOptional(),
  invokes: z.array(invokeRecordSchema),
}) satisfies z.ZodType<DeliveryRecord>;
