/** What a worker and its function's process say to each other. */
import { z } from 'zod';
import { FUNCTION_FAILED, INVALID_OUTPUT } from '../../contracts/invoke.js';

/** What is run. */
export const functionSourceSchema = z.object({
  /** URL of the function's module. */
  functionUrl: z.string(),
  options: z.unknown(),
});
export type FunctionSource = z.infer<typeof functionSourceSchema>;

/** Injected faults that happen in the function's process, in the place of a run. */
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

/** Parsed where it comes in: the function has the same channel, and may say anything. */
export const messageFromFunctionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded'), model: z.string(), listsAtOnce: z.int().positive() }),
  z.object({ type: z.literal('load-failed'), message: z.string() }),
  /** Only said where there is another run that could be to blame for what follows. */
  z.object({ type: z.literal('starting'), id: z.number() }),
  z.object({ type: z.literal('ran'), id: z.number(), answer: z.unknown() }),
  z.object({
    type: z.literal('run-failed'),
    id: z.number(),
    code: z.enum([FUNCTION_FAILED, INVALID_OUTPUT]),
    message: z.string(),
    stack: z.string().optional(),
  }),
  z.object({ type: z.literal('pong') }),
]);
export type MessageFromFunction = z.infer<typeof messageFromFunctionSchema>;
