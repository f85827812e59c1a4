/** The IPC messages between a bare-model process and its parent. */
import { z } from 'zod';

export const bareRequestSchema = z.discriminatedUnion('type', [
  /** Options as the sentiment function takes them. */
  z.object({ type: z.literal('load'), options: z.unknown() }),
  /** Classify these texts, or without any every example sentence, and say what came out. */
  z.object({ type: z.literal('answer'), texts: z.array(z.string()).optional() }),
  /** Classify over and over for that long and say how many. */
  z.object({ type: z.literal('measure'), durationMs: z.number().positive() }),
]);

export const bareReplySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded'), model: z.string() }),
  z.object({
    type: z.literal('answered'),
    answers: z.array(z.object({ label: z.string(), score: z.number() })),
  }),
  z.object({ type: z.literal('measured'), texts: z.number(), elapsedMs: z.number(), cpuMs: z.number() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

export type BareRequest = z.infer<typeof bareRequestSchema>;
export type BareReply = z.infer<typeof bareReplySchema>;
export type BareReplyOf<Type extends BareReply['type']> = Extract<BareReply, { readonly type: Type }>;
