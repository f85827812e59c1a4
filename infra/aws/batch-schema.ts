/**
 * A delivery as an item holds it; what is read back is checked, for anyone may write to a table. Items keep the names of
 * their first version: `slots` for the indexes of tasks, `copy` for the number of a duplicate receive.
 */
import { z } from 'zod';
import type { DeliveryRecord, InvokeRecord, SharedTaskError } from '../../contracts/batch/batch.js';
import { DELIVERY_CAUSES } from '../../contracts/batch/delivery-cause.js';
import { epochMsSchema } from '../../contracts/common/times.js';

const taskErrorSchema = z.object({ code: z.string(), message: z.string() });
const sharedTaskErrorSchema = taskErrorSchema.extend({ slots: z.array(z.number()) });
const outcomeSchema = z.enum(['succeeded', 'failed', 'released', 'lost', 'late']);
const invokeRecordSchema = z.object({
  workerId: z.string(),
  slots: z.array(z.number()),
  startedAtMs: epochMsSchema,
  endedAtMs: epochMsSchema.exactOptional(),
  outcome: z.union([outcomeSchema, z.array(outcomeSchema)]).exactOptional(),
  fault: z.string().exactOptional(),
  error: taskErrorSchema.exactOptional(),
  taskErrors: z.array(sharedTaskErrorSchema).exactOptional(),
});

const storedDeliverySchema = z.object({
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
});

type StoredDelivery = z.infer<typeof storedDeliverySchema>;
type StoredInvoke = z.infer<typeof invokeRecordSchema>;
type StoredSharedError = z.infer<typeof sharedTaskErrorSchema>;

export const deliverySchema = storedDeliverySchema.transform(
  ({ slots, copy, invokes, endedAtMs, outcome, returnedBy, ...rest }): DeliveryRecord => {
    const running = {
      ...rest,
      ...(copy === undefined ? {} : { duplicate: copy }),
      taskIndexes: slots,
      invokes: invokes.map(invokeOf),
    };
    if (endedAtMs === undefined) return running;
    // Earlier versions could store an end before its outcome.
    const ended = { ...running, endedAtMs, outcome: outcome ?? ('released' as const) };
    return returnedBy === undefined ? ended : { ...ended, returnedBy };
  },
);

function invokeOf({
  workerId,
  slots,
  startedAtMs,
  endedAtMs,
  taskErrors,
  ...end
}: StoredInvoke): InvokeRecord {
  const running = { workerId, taskIndexes: slots, startedAtMs };
  if (endedAtMs === undefined) return running;
  const errors = taskErrors?.map(({ slots: taskIndexes, ...error }): SharedTaskError => ({
    ...error,
    taskIndexes,
  }));
  return { ...running, ...end, endedAtMs, ...(errors === undefined ? {} : { taskErrors: errors }) };
}

export function storedDelivery({ taskIndexes, duplicate, invokes, ...rest }: DeliveryRecord): StoredDelivery {
  return {
    ...rest,
    ...(duplicate === undefined ? {} : { copy: duplicate }),
    slots: [...taskIndexes],
    invokes: invokes.map(storedInvoke),
  };
}

function storedInvoke({ taskIndexes, taskErrors, outcome, ...rest }: InvokeRecord): StoredInvoke {
  const errors = taskErrors?.map(({ taskIndexes: slots, ...error }): StoredSharedError => ({
    ...error,
    slots: [...slots],
  }));
  return {
    ...rest,
    slots: [...taskIndexes],
    ...(outcome === undefined ? {} : { outcome: typeof outcome === 'string' ? outcome : [...outcome] }),
    ...(errors === undefined ? {} : { taskErrors: errors }),
  };
}
