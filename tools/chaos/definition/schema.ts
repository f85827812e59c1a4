/** An experiment, as its YAML says it. Every word that is not known is a mistake: a misspelt check checks nothing. */
import { z } from 'zod';
import { MAX_TEXTS } from '../../../contracts/http/api.js';
import { UsageError } from '../../kit/system/system.js';
import { parseAction, type Action } from '../action/action.js';
import { durationSchema, positiveDuration } from '../../kit/numbers/duration.js';

const share = () =>
  z
    .number('expected a share from 0 to 1')
    .min(0, 'expected a share from 0 to 1')
    .max(1, 'expected a share from 0 to 1');
const rate = () => {
  const expected = 'expected requests a second, above 0 and up to 5000';
  return z.number(expected).positive(expected).max(5000, expected);
};
const count = (min: number) => {
  const expected = `expected a whole number from ${min}`;
  return z.int(expected).min(min, expected);
};

const arrivalsSchema = z.union(
  [
    z.enum(['constant', 'poisson']),
    z.strictObject({
      bursts: z.strictObject({ rate: rate(), for: positiveDuration(), every: positiveDuration() }),
    }),
    z.strictObject({ ramp: z.strictObject({ to: rate() }) }),
    z.strictObject({
      spike: z.strictObject({ rate: rate(), at: durationSchema(), for: positiveDuration() }),
    }),
  ],
  'expected constant, poisson, bursts: {rate, for, every}, ramp: {to} or spike: {rate, at, for}',
);

const TEXTS = `expected a number of texts, or from..to such as 1..4, up to ${MAX_TEXTS}`;
const textsPerRequestSchema = z.union(
  [
    count(1)
      .max(MAX_TEXTS)
      .transform((texts) => ({ min: texts, max: texts })),
    z
      .string()
      .regex(/^[1-9]\d{0,2}\.\.[1-9]\d{0,2}$/)
      .transform((range) => {
        const [min = 1, max = 1] = range.split('..').map(Number);
        return { min, max };
      })
      .refine(({ min, max }) => min <= max && max <= MAX_TEXTS, TEXTS),
  ],
  TEXTS,
);

const loadSchema = z.strictObject({
  /** Requests a second, sent whether or not earlier ones were answered. */
  rate: rate(),
  for: positiveDuration(),
  arrivals: arrivalsSchema.default('poisson'),
  seed: z.int('expected a whole number').default(1),
  textsPerRequest: textsPerRequestSchema.default({ min: 1, max: 1 }),
  /** Share of the requests that carry an Idempotency-Key and are repeated until they are answered. */
  keyed: share().default(0.3),
  /** Share that does not wait for answers (`Prefer: respond-async`) and asks for them later. */
  async: share().default(0.2),
  /** How long the others wait before they get a 202. */
  wait: positiveDuration().default(5000),
  /** So many requests, evenly spread, hold the word. */
  poisonous: z.strictObject({ word: z.string().min(2), requests: count(1) }).optional(),
});

const steadySchema = z.strictObject({
  ready: z.boolean().default(true),
  workersUp: count(0).default(1),
  /** A share of the requests that came to an end before the first fault. */
  successRate: share().default(0.95),
  /** How long to wait for the system to be ready and its workers up. */
  within: positiveDuration().default(20_000),
});

const actionSchema = z.string('expected a step such as kill worker-1').transform((text, context): Step => {
  try {
    return { text: text.trim(), action: parseAction(text) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});

export interface Step {
  /** As it was written. */
  readonly text: string;
  readonly action: Action;
}

const stepSchema = z
  .strictObject({
    at: durationSchema(),
    do: actionSchema,
    every: positiveDuration().optional(),
    times: count(2).optional(),
  })
  .refine(({ every, times }) => (every === undefined) === (times === undefined), {
    message: 'expected every and times together',
  });

const stopSchema = z.strictObject({
  /** Answered well per planned, over the last `for`. */
  successBelow: share().default(0),
  for: positiveDuration().default(10_000),
  longerThan: positiveDuration().default(120_000),
});

const failedSchema = z.union(
  [z.enum(['none', 'poisonous', 'any']), z.strictObject({ atMost: count(0) })],
  'expected none, poisonous, any, or atMost: N',
);

const checksSchema = z.strictObject({
  /** Which tasks may fail for good. `poisonous`: those with the word, each of them, and no other. */
  failed: failedSchema.default('none'),
  /** From each fault until throughput is back: p99 over all faults. */
  recovery: positiveDuration().optional(),
  /** From each fault until the last task that was under way is final. */
  underWay: positiveDuration().optional(),
  /** Answers that came for tasks that were final: proof that a zombie was there. */
  late: z.strictObject({ atLeast: count(1) }).optional(),
  /** How often messages may be sent again because they were presumed lost. */
  resent: z.strictObject({ atMost: count(0) }).optional(),
  /** Injected faults that the histories must show: proof that there was a storm. */
  faults: z.strictObject({ atLeast: count(1) }).optional(),
});

const systemSchema = z.strictObject({
  workers: count(1).max(64).default(3),
  settings: z
    .record(
      z
        .string()
        .regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of a setting, such as VISIBILITY_TIMEOUT_SECONDS'),
      z.union([z.string(), z.number()], 'expected a text or a number').transform(String),
    )
    .default({}),
});

/** The defaults of an absent section. */
const none = <T extends z.ZodType>(schema: T) => schema.prefault({} as z.input<T>);

export const experimentSchema = z.strictObject(
  {
    name: z
      .string('expected a name')
      .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected small letters, digits and dashes'),
    description: z.string('expected a sentence on what is broken and what must hold'),
    system: none(systemSchema),
    load: loadSchema,
    steady: none(steadySchema),
    timeline: z.array(stepSchema, 'expected a list of steps: {at, do}').default([]),
    stop: none(stopSchema),
    /** How long unfinished tasks are waited for after load and timeline. */
    drain: positiveDuration().default(30_000),
    checks: none(checksSchema),
  },
  'expected an experiment: name, description, load, timeline, checks',
);

export type Experiment = z.output<typeof experimentSchema>;
export type LoadSettings = Experiment['load'];
export type StopSettings = Experiment['stop'];
export type CheckSettings = Experiment['checks'];
