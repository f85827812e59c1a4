/** `POST /invoke`: what the coordinator asks of a function, and what it answers. */
import { z } from 'zod';

/** Labels and codes are stored with every task. */
const MAX_WORD_LENGTH = 64;

export const invokeTaskSchema = z.object({
  taskId: z.string().min(1),
  text: z.string().min(1),
  /** Once this has passed since the invoke arrived, the worker answers `expired` without running the function. */
  timeLeftMs: z.number().nonnegative().exactOptional(),
  /** ISO-8601, by the clock of the coordinator that admitted the task; used only if `timeLeftMs` is absent. */
  deadlineAt: z.iso.datetime().optional(),
  /** The request that the task came with, for the worker's log. */
  requestId: z.string().optional(),
});

export const invokeRequestSchema = z.object({
  batchId: z.string().min(1),
  /** The batch's number in its coordinator's run, from 1. Seeded faults depend on it. */
  batchNumber: z.int().nonnegative(),
  /** The delivery's number, from 1. */
  delivery: z.int().positive(),
  tasks: z.array(invokeTaskSchema).min(1).max(256),
});

const EXPECTED_WORD = `expected a text of 1 to ${MAX_WORD_LENGTH} characters`;
const EXPECTED_SCORE = 'expected a number from 0 to 1';
const EXPECTED_TOKENS = 'expected a whole number from 0';
const word = () =>
  z
    .string(EXPECTED_WORD)
    .min(1, EXPECTED_WORD)
    .max(MAX_WORD_LENGTH, EXPECTED_WORD)
    .refine((text) => text.isWellFormed(), 'expected a text without lone surrogates');

/** The answer of a function to a text: the value that every layer passes on, stores and answers. */
export const answerSchema = z.object({
  label: word(),
  score: z.number(EXPECTED_SCORE).min(0, EXPECTED_SCORE).max(1, EXPECTED_SCORE),
  /** Special tokens included, padding not. */
  tokens: z.int(EXPECTED_TOKENS).nonnegative(EXPECTED_TOKENS),
});

const succeededSchema = z.object({ status: z.literal('succeeded'), ...answerSchema.shape });

const failedSchema = z.object({
  status: z.literal('failed'),
  code: word(),
  message: z.string('expected a text'),
  /** `false` fails the task at once, without another delivery. */
  retryable: z.boolean('expected true or false'),
});

/** The outcome of one input. */
export const functionOutcomeSchema = z.discriminatedUnion(
  'status',
  [succeededSchema, failedSchema],
  "expected an object whose status is 'succeeded' or 'failed'",
);

const ofTask = { taskId: z.string('expected a task id') };

export const invokeOutcomeSchema = z.discriminatedUnion(
  'status',
  [
    succeededSchema.extend(ofTask),
    z.object({ ...ofTask, status: z.literal('expired') }),
    failedSchema.extend(ofTask),
  ],
  "expected an object whose status is 'succeeded', 'failed' or 'expired'",
);

export const invokeResponseSchema = z.object({
  workerId: z.string(),
  outcomes: z.array(invokeOutcomeSchema),
  timings: z.object({
    tokenizeMs: z.number(),
    computeMs: z.number(),
    totalMs: z.number(),
    /** Tokens of the texts that ran, without and with the padding to the length of their neighbors. */
    tokens: z.int().nonnegative().optional(),
    paddedTokens: z.int().nonnegative().optional(),
  }),
});

/** Codes of failures that are the function's fault, not the task's. This one: it threw an error. */
export const FUNCTION_FAILED = 'function_failed';
/** It did not answer within its hard limit (`FUNCTION_TIMEOUT_MS`), and was ended. */
export const FUNCTION_TIMED_OUT = 'function_timed_out';
/** It used more memory than `FUNCTION_MEMORY_MB` allows, and was ended. */
export const FUNCTION_OUT_OF_MEMORY = 'function_out_of_memory';
/** Its process ended: `process.exit()`, or an uncaught error. */
export const FUNCTION_EXITED = 'function_exited';
/** Its answer does not match `functionOutcomeSchema`. */
export const INVALID_OUTPUT = 'invalid_output';
/** The worker's answer has no outcome for a task. */
export const MISSING_OUTCOME = 'missing_outcome';

export const FUNCTION_FAULT_CODES: ReadonlySet<string> = new Set([
  FUNCTION_FAILED,
  FUNCTION_TIMED_OUT,
  FUNCTION_OUT_OF_MEMORY,
  FUNCTION_EXITED,
  INVALID_OUTPUT,
  MISSING_OUTCOME,
]);

export type InvokeTask = z.infer<typeof invokeTaskSchema>;
export type InvokeRequest = z.infer<typeof invokeRequestSchema>;
export type Answer = Readonly<z.infer<typeof answerSchema>>;
export type FunctionOutcome = Readonly<z.infer<typeof functionOutcomeSchema>>;
export type SucceededOutcome = Extract<FunctionOutcome, { status: 'succeeded' }>;
export type InvokeOutcome = z.infer<typeof invokeOutcomeSchema>;
export type InvokeResponse = z.infer<typeof invokeResponseSchema>;

/**
 * Header of an interim response (HTTP 102) in which a worker announces the faults that it is about to inject, separated by
 * commas, a delay last. The history can then name an injected fault even if its effect is that no answer comes.
 */
export const FAULT_HEADER = 'boomerang-fault';
