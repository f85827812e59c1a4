/** What the process and the function's thread say to each other. */
import { z } from 'zod';

/** How the thread is started. */
export interface FunctionSource {
  /** URL of the function's module. */
  readonly functionUrl: string;
  readonly options: unknown;
}

export interface ThreadData extends FunctionSource {
  /** The id of the run whose code is on the stack until its first `await`; 0 where there is none. */
  readonly startingRun: SharedArrayBuffer;
}

/** Injected faults that happen in the thread, in the place of a run. */
export const THREAD_FAULTS = ['loop', 'oom'] as const;
export type ThreadFault = (typeof THREAD_FAULTS)[number];

export type MessageToThread =
  | {
      readonly type: 'run';
      readonly id: number;
      readonly inputs: readonly string[];
      readonly fault?: ThreadFault | undefined;
    }
  | { readonly type: 'ping' }
  | { readonly type: 'stop' };

/** Parsed where it comes in: the function has the same port, and may say anything. */
export const messageFromThreadSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded'), model: z.string(), listsAtOnce: z.int().positive() }),
  z.object({ type: z.literal('load-failed'), message: z.string() }),
  z.object({ type: z.literal('ran'), id: z.number(), answer: z.unknown() }),
  z.object({
    type: z.literal('run-failed'),
    id: z.number(),
    message: z.string(),
    stack: z.string().optional(),
  }),
  z.object({ type: z.literal('pong') }),
]);
export type MessageFromThread = z.infer<typeof messageFromThreadSchema>;
