/** `POST /invoke`: what the coordinator asks of a function, and what it answers. */
import { z } from 'zod';

/** Of labels and codes: they are stored with every task. */
const MAX_WORD_LENGTH = 64;

export const invokeTaskSchema = z.object({
  taskId: z.string().min(1),
  text: z.string().min(1),
  /** ISO-8601; past it the function answers `expired` without running the model. */
  deadlineAt: z.iso.datetime().optional(),
});

export const invokeRequestSchema = z.object({
  batchId: z.string().min(1),
  /** The batch's number in its coordinator's run, from 1: what seeded faults are drawn by. */
  batchNumber: z.int().nonnegative(),
  /** The delivery's number, from 1. */
  delivery: z.int().positive(),
  tasks: z.array(invokeTaskSchema).min(1).max(256),
});

export const invokeOutcomeSchema = z.discriminatedUnion('status', [
  z.object({
    taskId: z.string(),
    status: z.literal('succeeded'),
    label: z.string().max(MAX_WORD_LENGTH),
    score: z.number().min(0).max(1),
    tokens: z.int().nonnegative(),
  }),
  z.object({ taskId: z.string(), status: z.literal('expired') }),
  z.object({
    taskId: z.string(),
    status: z.literal('failed'),
    code: z.string().max(MAX_WORD_LENGTH),
    message: z.string(),
    /** `false` makes the failure final at once. */
    retryable: z.boolean(),
  }),
]);

export const invokeResponseSchema = z.object({
  workerId: z.string(),
  outcomes: z.array(invokeOutcomeSchema),
  timings: z.object({
    tokenizeMs: z.number(),
    computeMs: z.number(),
    totalMs: z.number(),
    /** Tokens of the texts that ran, and what they came to when padded to their neighbours' length. */
    tokens: z.int().nonnegative().optional(),
    paddedTokens: z.int().nonnegative().optional(),
  }),
});

/** Codes of failures that are the function's fault, not the task's: it broke, or said nothing of a task. */
export const FUNCTION_FAILED = 'function_failed';
export const MISSING_OUTCOME = 'missing_outcome';

export type InvokeTask = z.infer<typeof invokeTaskSchema>;
export type InvokeRequest = z.infer<typeof invokeRequestSchema>;
export type InvokeOutcome = z.infer<typeof invokeOutcomeSchema>;
export type InvokeResponse = z.infer<typeof invokeResponseSchema>;

/**
 * Header of an interim response (HTTP 102) by which a worker announces the faults that it is about to inject, with
 * commas between them, a delay last: so
 * that the history can tell what happened from what was done to it, even where the fault is that no answer comes.
 */
export const FAULT_HEADER = 'boomerang-fault';
