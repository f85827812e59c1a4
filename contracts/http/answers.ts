/** The coordinator's answers, as schemas: for the OpenAPI document, for clients, and for tests. */
import { z } from 'zod';
import { TASK_STATUSES } from '../batch/task-status.js';
import { DELIVERY_CAUSES } from '../batch/delivery-cause.js';
import { heartbeatSchema, workerHealthReasonSchema, type WorkerState } from '../worker/worker.js';
import type { DeliveryOutcome } from '../batch/batch.js';

export const DELIVERY_OUTCOMES = [
  'succeeded',
  'failed',
  'released',
  'lost',
  'late',
] as const satisfies readonly DeliveryOutcome[];
const WORKER_STATES = ['up', 'suspect', 'down', 'draining'] as const satisfies readonly WorkerState[];

const taskId = z.string().meta({ description: "The batch's id, a dash, and the place in the batch." });
const instant = z.iso.datetime();
const durationMs = z.number().nonnegative();
const count = z.int().nonnegative();
const requestId = z
  .string()
  .meta({ description: 'The `X-Request-Id` that was sent, else one that was made.' });

export const taskErrorSchema = z.object({ code: z.string(), message: z.string() }).meta({ id: 'TaskError' });

export const timingsSchema = z
  .object({
    queueMs: durationMs
      .exactOptional()
      .meta({ description: 'From admission to the start of the invoke that answered.' }),
    computeMs: durationMs.exactOptional().meta({ description: "The model's time for that invoke." }),
    totalMs: durationMs.meta({ description: 'From admission to the final state.' }),
  })
  .meta({ id: 'Timings' });

export const taskStatusSchema = z.enum(TASK_STATUSES).meta({ id: 'TaskStatus' });

export const taskAnswerSchema = z
  .object({
    taskId,
    status: taskStatusSchema,
    label: z.string().exactOptional(),
    score: z.number().min(0).max(1).exactOptional(),
    error: taskErrorSchema.exactOptional(),
    deliveries: count.meta({ description: 'How often it was given to a worker.' }),
    workerId: z.string().exactOptional(),
    timings: timingsSchema.exactOptional(),
  })
  .meta({ id: 'TaskAnswer' });

export const historyEntrySchema = z
  .object({
    number: z.int().positive(),
    cause: z
      .enum(DELIVERY_CAUSES)
      .exactOptional()
      .meta({ description: 'What brought it; absent in what earlier versions stored.' }),
    workerId: z.string().exactOptional(),
    startedAt: instant,
    endedAt: instant.exactOptional(),
    outcome: z.enum(DELIVERY_OUTCOMES).exactOptional().meta({ description: 'Absent while it runs.' }),
    fault: z
      .string()
      .exactOptional()
      .meta({ description: 'The fault that was injected on purpose, where it explains the outcome.' }),
    error: taskErrorSchema.exactOptional(),
  })
  .meta({ id: 'Delivery', description: 'One delivery that carried the task.' });

export const taskViewSchema = taskAnswerSchema
  .extend({
    batchId: z.string(),
    requestId,
    text: z.string(),
    createdAt: instant,
    finishedAt: instant.exactOptional(),
    deadlineAt: instant.exactOptional(),
    deadLetteredAt: instant.exactOptional().meta({ description: 'When the queue gave it up.' }),
    redriveOf: taskId.exactOptional(),
    redrivenAs: taskId.exactOptional(),
    sends: count.meta({ description: 'How often the message of its batch was sent.' }),
    history: z.array(historyEntrySchema),
  })
  .meta({ id: 'Task' });

/** 200, for a request with one text. */
export const oneAnswerSchema = taskAnswerSchema.extend({ requestId }).meta({ id: 'OneAnswer' });

/** 200, for a request with several texts. */
export const manyAnswerSchema = z
  .object({ requestId, tasks: z.array(taskAnswerSchema) })
  .meta({ id: 'ManyAnswer', description: 'In the order asked, each with a status of its own.' });

/** 202. */
export const acceptedSchema = z
  .object({ requestId, tasks: z.array(z.object({ taskId, status: taskStatusSchema })) })
  .meta({ id: 'Accepted' });

export const taskPageSchema = z
  .object({
    tasks: z.array(taskViewSchema),
    cursor: z.string().exactOptional().meta({ description: 'For the next page; absent on the last.' }),
  })
  .meta({ id: 'TaskPage' });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId,
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .exactOptional()
      .meta({ description: 'Of `invalid_request`: what is wrong with which field, 20 at most.' }),
    moreErrors: count
      .exactOptional()
      .meta({ description: 'How many errors there are beyond those that are named.' }),
    taskId: taskId.exactOptional(),
    error: taskErrorSchema.exactOptional().meta({ description: 'Of `task_failed`: the last reason.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

export const workerViewSchema = z
  .object({
    id: z.string(),
    address: z.string(),
    state: z.enum(WORKER_STATES),
    reason: workerHealthReasonSchema.shape.reason
      .exactOptional()
      .meta({ description: 'Why it gets no work, or one invoke at a time (`trial`), though it beats.' }),
    ejectedUntil: instant.exactOptional(),
    inFlight: count,
    served: count.meta({ description: 'Tasks since its process started.' }),
    failed: count,
    p50Ms: durationMs,
    p95Ms: durationMs,
    injected: z
      .record(z.string(), count)
      .exactOptional()
      .meta({ description: 'Faults that it injected, by kind, since its process started.' }),
    faults: z.string().meta({ description: 'The fault profile in force.' }),
    model: z.string(),
    functionState: heartbeatSchema.shape.functionState
      .unwrap()
      .exactOptional()
      .meta({ description: 'Whether its function is there, or is being started again after it was ended.' }),
    unresponsiveMs: durationMs
      .exactOptional()
      .meta({ description: 'How long its function has not answered it; above 2000 it is `suspect`.' }),
    startedAt: instant,
    heartbeatAgeMs: durationMs,
  })
  .meta({ id: 'Worker' });

export const workersSchema = z.object({ workers: z.array(workerViewSchema) }).meta({ id: 'Workers' });

const percentile = durationMs.nullable().meta({ description: 'Null where nothing finished.' });

export const statsSchema = z
  .object({
    queue: z.object({ visible: count, inFlight: count, delayed: count, deadLetters: count }),
    deadLettered: count.meta({ description: 'Tasks given up in the last minute.' }),
    oldestQueuedMs: durationMs,
    outstandingTasks: count,
    outstandingBytes: count
      .exactOptional()
      .meta({ description: 'Of their texts, as messages hold them: what `MAX_OUTSTANDING_BYTES` bounds.' }),
    rates: z.object({
      acceptedPerSecond: z.number(),
      succeededPerSecond: z.number(),
      failedPerSecond: z.number(),
    }),
    latency: z.object({ p50Ms: percentile, p90Ms: percentile, p95Ms: percentile, p99Ms: percentile }),
    retries: count,
    counts: z.record(z.string(), count).meta({ description: 'Of the last minute, by name.' }),
    windowSeconds: count,
  })
  .meta({ id: 'Stats' });

export const redriveAnswerSchema = z
  .object({
    requestId,
    redriven: z.array(z.object({ taskId, redrivenAs: taskId })),
    skipped: z.array(
      z.object({
        taskId,
        reason: z.enum(['not_found', 'not_dead_lettered', 'already_redriven', 'overloaded']),
        redrivenAs: taskId.exactOptional(),
      }),
    ),
    more: z.boolean().meta({ description: 'Some were left for later: call again.' }),
    cursor: z.string().exactOptional(),
  })
  .meta({ id: 'Redriven' });

export const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not ready']),
    workersUp: count,
    reasons: z.array(z.string()),
  })
  .meta({ id: 'Readiness' });

export type TaskAnswer = Readonly<z.infer<typeof taskAnswerSchema>>;
export type TaskView = Readonly<z.infer<typeof taskViewSchema>>;
export type HistoryEntry = Readonly<z.infer<typeof historyEntrySchema>>;
export type OneAnswer = z.infer<typeof oneAnswerSchema>;
export type ManyAnswer = z.infer<typeof manyAnswerSchema>;
export type Accepted = z.infer<typeof acceptedSchema>;
export type Problem = z.infer<typeof problemSchema>;
