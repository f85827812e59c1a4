/** Messages between a worker and the process of its function. */
import { z } from 'zod';
import { FUNCTION_FAILED, INVALID_OUTPUT } from '../../../contracts/worker/invoke.js';
import { boundedMessage, shortened } from '../../../contracts/common/text.js';
import { MAX_STACK_LENGTH, MAX_THROWN_MESSAGE_LENGTH } from './describe-thrown.js';

/** The function to load. */
export const functionSourceSchema = z.object({
  /** URL of the function's module. */
  functionUrl: z.string(),
  options: z.unknown(),
});
export type FunctionSource = z.infer<typeof functionSourceSchema>;

/** Injected faults that replace a run in the function's process. */
export const FUNCTION_FAULTS = ['loop', 'oom'] as const;
export type FunctionFault = (typeof FUNCTION_FAULTS)[number];

export const messageToFunctionSchema = z.discriminatedUnion('type', [
  functionSourceSchema.extend({ type: z.literal('load') }),
  z.object({
    type: z.literal('run'),
    id: z.number(),
    inputs: z.array(z.string()),
    fault: z.enum(FUNCTION_FAULTS).optional(),
  }),
  z.object({ type: z.literal('ping') }),
]);
export type MessageToFunction = z.infer<typeof messageToFunctionSchema>;

const bounded = (maxLength: number) => z.string().transform((text) => shortened(text, maxLength));
const message = bounded(MAX_THROWN_MESSAGE_LENGTH);

/** Parsed on arrival, because the function can send anything on the same channel. */
const messageFromFunctionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded'), model: message, listsAtOnce: z.int().positive() }),
  z.object({ type: z.literal('load-failed'), message }),
  /** Sent only if another run is in progress that could cause a failure. */
  z.object({ type: z.literal('starting'), id: z.number() }),
  z.object({ type: z.literal('ran'), id: z.number(), answer: z.unknown() }),
  z.object({
    type: z.literal('run-failed'),
    id: z.number(),
    code: z.enum([FUNCTION_FAILED, INVALID_OUTPUT]),
    message,
    stack: bounded(MAX_STACK_LENGTH).optional(),
  }),
  z.object({ type: z.literal('pong') }),
]);
export type MessageFromFunction = z.infer<typeof messageFromFunctionSchema>;

const runIdSchema = z.object({ id: z.number() });
const loadResultSchema = z.object({ type: z.enum(['loaded', 'load-failed']) });

/**
 * Returns `undefined` for a foreign message, because the function may use the channel itself. An invalid message that names a
 * run, or the load, fails that run or load instead of leaving it to its time limit.
 */
export function readMessageFromFunction(value: unknown): MessageFromFunction | undefined {
  const parsed = messageFromFunctionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = boundedMessage(`the function's process sent an invalid message: ${fieldOf(parsed.error)}`);
  const run = runIdSchema.safeParse(value);
  if (run.success) return { type: 'run-failed', id: run.data.id, code: INVALID_OUTPUT, message };
  return loadResultSchema.safeParse(value).success ? { type: 'load-failed', message } : undefined;
}

function fieldOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  return `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'invalid'}`;
}
