/** A worker as it reports itself, as DynamoDB holds it, and as people see it. */
import { z } from 'zod';
import { epochMsSchema } from '../common/times.js';

export const HEARTBEAT_INTERVAL_MS = 1000;

/** A function that has not answered its worker for longer is taken for blocked. */
export const UNRESPONSIVE_AFTER_MS = 2000;

/** Far more than coordinators have slots at a worker. */
export const MAX_COMPUTING = 256;

/** As it names itself, in addresses of routes, items, metrics and logs. */
export const workerIdSchema = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'expected up to 64 letters, digits, dots, dashes and underscores')
  .refine((id) => !isReserved(id), 'expected an id other than a path segment or a name that objects have');

/** `.` and `..` are segments of paths; every object has `constructor` and `__proto__`. */
function isReserved(name: string): boolean {
  return /^\.{1,2}$/.test(name) || name === 'prototype' || name in Object.prototype;
}

/** A scheme, a host and a port, so that nobody can be sent to another route of it. */
export const workerAddressSchema = z
  .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:9001' })
  .max(300)
  .refine(isPlainOrigin, 'expected no path, query or credentials in an address');

/** Bounds far beyond what a worker says of itself: a record is one item of DynamoDB, and each kind of fault a metric. */
const MAX_ID_LENGTH = 128;
const MAX_FAULTS_LENGTH = 4096;
const MAX_MODEL_LENGTH = 4096;
const MAX_TIME_LENGTH = 40;
const MAX_KINDS = 32;

/** A pattern rather than the kinds of today: a newer worker may know more of them. */
const injectedSchema = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'expected the kind of a fault')
      .refine((kind) => !isReserved(kind), 'expected the kind of a fault'),
    z.int().nonnegative(),
  )
  .refine((kinds) => Object.keys(kinds).length <= MAX_KINDS, `expected at most ${MAX_KINDS} kinds`);

export const heartbeatSchema = z.object({
  /** Where /invoke is reached, such as http://127.0.0.1:9001 */
  address: workerAddressSchema,
  state: z.enum(['up', 'draining']),
  inFlight: z.int().nonnegative(),
  /** Ids of the batches that its function has in hand: what is merely slow is told from what was lost by it. */
  computing: z.array(z.string().max(MAX_ID_LENGTH)).max(MAX_COMPUTING).optional(),
  /** Tasks answered since the process started. */
  served: z.int().nonnegative(),
  /** Tasks that failed since the process started, injected faults included. */
  failed: z.int().nonnegative(),
  /** Compute time of the latest invokes, milliseconds. */
  p50Ms: z.number().nonnegative(),
  p95Ms: z.number().nonnegative(),
  /** Faults injected since the process started, by kind. */
  injected: injectedSchema.optional(),
  /** The fault profile in force, as one writes it: `none`, `error=0.05,crash=0.01`. */
  faults: z.string().max(MAX_FAULTS_LENGTH),
  model: z.string().max(MAX_MODEL_LENGTH),
  /** Whether the function is there, or is being started again after it was ended. */
  functionState: z.enum(['running', 'restarting']).optional(),
  /** How long the function has not answered its worker, 0 where it does. */
  unresponsiveMs: z.number().nonnegative().optional(),
  /** When the process started, ISO-8601: tells a restart from a pause. */
  startedAt: z.iso.datetime().max(MAX_TIME_LENGTH),
  /** Counts the beats of the process: two with the same number are one. */
  beat: z.int().nonnegative().exactOptional(),
});

function isPlainOrigin(address: string): boolean {
  return /^https?:\/\/[^/?#@\\\s]+$/i.test(address) && URL.canParse(address);
}

export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** Whether the worker says of itself that its function cannot take work: it is blocked, or being started again. */
export function isUnresponsive({
  functionState = 'running',
  unresponsiveMs = 0,
}: Pick<Heartbeat, 'functionState' | 'unresponsiveMs'>): boolean {
  return functionState === 'restarting' || unresponsiveMs > UNRESPONSIVE_AFTER_MS;
}

/** Why a worker that beats gets no work, or little, from the coordinator that hears it. */
export const workerHealthReasonSchema = z.object({
  /**
   * It refused a connection; its function does not answer; it fails too often and is left out; it is being tried again,
   * one invoke at a time.
   */
  reason: z.enum(['refused', 'unresponsive', 'ejected', 'trial']),
  /** Epoch ms. */
  ejectedUntilMs: epochMsSchema.exactOptional(),
});

export type WorkerHealthReason = z.infer<typeof workerHealthReasonSchema>;

export interface WorkerRecord extends Heartbeat {
  readonly id: string;
  /** When a coordinator last heard of it, epoch ms by that one's clock: to be shown, not to be reckoned with. */
  readonly heartbeatAtMs: number;
  /** The health as the coordinator judged it that wrote the record. */
  readonly suspicion?: WorkerHealthReason;
  /** That whoever wrote the record knows the worker token. */
  readonly proof?: string;
}

export type WorkerState = 'up' | 'suspect' | 'down' | 'draining';

const SUSPECT_AFTER_MS = 1.5 * HEARTBEAT_INTERVAL_MS;
export const DOWN_AFTER_MS = 3.5 * HEARTBEAT_INTERVAL_MS;

/** `suspect` after one missed beat, `down` after three; half an interval of grace for the network. */
export function workerState(state: WorkerRecord['state'], silentMs: number): WorkerState {
  if (silentMs >= DOWN_AFTER_MS) return 'down';
  if (state === 'draining') return 'draining';
  return silentMs >= SUSPECT_AFTER_MS ? 'suspect' : 'up';
}
