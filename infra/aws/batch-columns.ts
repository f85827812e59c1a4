/**
 * Inputs and tasks as they lie in an item: JSON arrays without names. Names would be two thirds of what is written and
 * read for every task, and the SDK looks at each character of it.
 */
import { z } from 'zod';
import type { TaskState } from '../../contracts/batch/batch.js';
import type { BatchInput } from '../../contracts/batch/message.js';
import { epochMsSchema } from '../../contracts/common/times.js';

const inputSchema = z.union([
  z.tuple([z.string(), z.string(), epochMsSchema]),
  z.tuple([z.string(), z.string(), epochMsSchema, epochMsSchema]),
  z.tuple([z.string(), z.string(), epochMsSchema, epochMsSchema.nullable(), z.string()]),
  z.tuple([
    z.string(),
    z.string(),
    epochMsSchema,
    epochMsSchema.nullable(),
    z.string().nullable(),
    z.string(),
  ]),
]);

/** An open task that no invoke has failed yet is stored as `0`. */
const taskSchema = z.union([
  z.tuple([
    z.literal('s'),
    z.string(),
    z.number(),
    z.number(),
    z.string(),
    z.number(),
    z.number(),
    z.number(),
    epochMsSchema,
    z.number(),
  ]),
  z.literal(0),
  z.tuple([z.literal('o'), z.number()]),
  z.tuple([z.literal('o'), z.number(), z.string(), z.string()]),
  z.tuple([z.literal('o'), z.number(), z.string(), z.string(), z.number()]),
  z.tuple([z.literal('f'), z.string(), z.string(), epochMsSchema, z.number()]),
  z.tuple([z.literal('e'), epochMsSchema, z.number()]),
  z.tuple([z.literal('c'), epochMsSchema, z.number()]),
]);

export const inputsSchema = z.array(inputSchema);
export const tasksSchema = z.array(taskSchema);

type InputColumns = z.infer<typeof inputSchema>;
type TaskColumns = z.infer<typeof taskSchema>;

export function inputColumns(input: BatchInput): InputColumns {
  const { text, requestId, acceptedAtMs, deadlineAtMs, redriveOf, key } = input;
  if (key !== undefined) return [text, requestId, acceptedAtMs, deadlineAtMs ?? null, redriveOf ?? null, key];
  if (redriveOf !== undefined) return [text, requestId, acceptedAtMs, deadlineAtMs ?? null, redriveOf];
  return deadlineAtMs === undefined
    ? [text, requestId, acceptedAtMs]
    : [text, requestId, acceptedAtMs, deadlineAtMs];
}

export function inputOf([text, requestId, acceptedAtMs, deadline, original, key]: InputColumns): BatchInput {
  const deadlineAtMs = deadline ?? undefined;
  const redriveOf = original ?? undefined;
  return {
    text,
    requestId,
    acceptedAtMs,
    ...(deadlineAtMs === undefined ? {} : { deadlineAtMs }),
    ...(redriveOf === undefined ? {} : { redriveOf }),
    ...(key === undefined ? {} : { key }),
  };
}

export function taskColumns(task: TaskState): TaskColumns {
  switch (task.status) {
    case 'open':
      if (task.lastError) {
        const { code, message } = task.lastError;
        const { failedAlone, workerDeaths } = task;
        if (workerDeaths !== undefined) return ['o', failedAlone, code, message, workerDeaths];
        return ['o', failedAlone, code, message];
      }
      return task.failedAlone === 0 ? 0 : ['o', task.failedAlone];
    case 'succeeded': {
      const { label, score, tokens, workerId, delivery, queueMs, computeMs, finishedAtMs, totalMs } = task;
      return ['s', label, score, tokens, workerId, delivery, queueMs, computeMs, finishedAtMs, totalMs];
    }
    case 'failed':
      return ['f', task.error.code, task.error.message, task.finishedAtMs, task.totalMs];
    case 'expired':
      return ['e', task.finishedAtMs, task.totalMs];
    case 'cancelled':
      return ['c', task.finishedAtMs, task.totalMs];
  }
}

export function taskOf(columns: TaskColumns): TaskState {
  if (columns === 0) return { status: 'open', failedAlone: 0 };
  switch (columns[0]) {
    case 'o': {
      const [, failedAlone, code, message, workerDeaths] = columns;
      const hasError = code !== undefined && message !== undefined;
      return {
        status: 'open',
        failedAlone,
        ...(workerDeaths === undefined ? {} : { workerDeaths }),
        ...(hasError ? { lastError: { code, message } } : {}),
      };
    }
    case 's': {
      const [, label, score, tokens, workerId, delivery, queueMs, computeMs, finishedAtMs, totalMs] = columns;
      const answer = { label, score, tokens, workerId, delivery, queueMs, computeMs };
      return { status: 'succeeded', ...answer, finishedAtMs, totalMs };
    }
    case 'f': {
      const [, code, message, finishedAtMs, totalMs] = columns;
      return { status: 'failed', error: { code, message }, finishedAtMs, totalMs };
    }
    case 'e':
      return { status: 'expired', finishedAtMs: columns[1], totalMs: columns[2] };
    case 'c':
      return { status: 'cancelled', finishedAtMs: columns[1], totalMs: columns[2] };
  }
}
