/** Faults of the network in front of the embedded stack, as its control route takes and shows them. */
import { z } from 'zod';

/** `GET`, `PUT` and `DELETE`, on the stack's own address. */
export const NETWORK_PATH = '/_boomerang/network';

/** Longer than any client waits. */
const MAX_DELAY_MS = 60_000;
const MAX_DURATION_MS = 3_600_000;

/** The body of `PUT`. An absent field injects nothing. */
export const networkFaultSchema = z.strictObject({
  /** Added to every request and its response, half to each, drawn from mean ± jitter. */
  delayMs: z.number().min(0).max(MAX_DELAY_MS).default(0),
  jitterMs: z.number().min(0).max(MAX_DELAY_MS).default(0),
  /** Every connection is reset; open ones are reset at once. */
  cut: z.boolean().default(false),
  /** The fault ends after this time; without it the fault lasts until it is deleted. */
  forMs: z.int().min(1).max(MAX_DURATION_MS).optional(),
});
export type NetworkFault = Readonly<z.output<typeof networkFaultSchema>>;
export type NetworkFaultInput = Readonly<z.input<typeof networkFaultSchema>>;

/** The response to every method: the fault in force. */
export const networkFaultViewSchema = z.object({
  delayMs: z.number(),
  jitterMs: z.number(),
  cut: z.boolean(),
  /** Absent where nothing ends the fault. */
  leftMs: z.number().optional(),
});
export type NetworkFaultView = Readonly<z.output<typeof networkFaultViewSchema>>;
