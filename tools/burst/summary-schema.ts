/** The summary of a run, as `--json` prints it and `compare` reads it. See docs/burst.md. */
import { z } from 'zod';
import { OUTCOME_NAMES } from './outcome.js';

const ms = z.number();
const nullableMs = z.number().nullable();
const count = z.int();

const latencySchema = z.object({
  count,
  mean: nullableMs,
  p50: nullableMs,
  p90: nullableMs,
  p95: nullableMs,
  p99: nullableMs,
  max: nullableMs,
});

export const SUMMARY_KIND = 'boomerang-burst' as const;

export const summarySchema = z.object({
  kind: z.literal(SUMMARY_KIND),
  version: z.literal(1),
  startedAt: z.string(),
  url: z.string(),
  load: z.object({
    loop: z.enum(['open', 'closed']),
    clients: count.nullable(),
    /** Nothing in a closed loop without a rate. */
    arrivals: z.string().nullable(),
    ratePerSecond: z.number().nullable(),
    peakPerSecond: z.number().nullable(),
    seed: count,
    textsPerRequest: count,
    textsFrom: z.string(),
    keys: z.boolean(),
    async: z.boolean(),
    checked: z.boolean(),
    deadlineMs: nullableMs,
    timeoutMs: ms,
    followMs: ms,
  }),
  stopped: z.boolean(),
  loadMs: ms,
  elapsedMs: ms,
  drainMs: ms,
  requests: z.object({ planned: count.nullable(), sent: count, dropped: count, judged: count }),
  outcomes: z.record(z.enum(OUTCOME_NAMES), count),
  errors: count,
  tasks: z.object({ accepted: count, succeeded: count, lost: count }),
  latencyMs: z.object({ corrected: latencySchema, raw: latencySchema, accepted: latencySchema }),
  perSecond: z.object({
    offered: z.number(),
    sent: z.number(),
    ok: z.number(),
    tasks: z.number(),
  }),
  bursts: z.array(
    z.object({
      fromMs: ms,
      toMs: ms,
      requests: count,
      ok: count,
      errors: count,
      p50Ms: nullableMs,
      p99Ms: nullableMs,
      drainMs: nullableMs,
    }),
  ),
  retries: z.array(z.object({ retries: count, tasks: count })),
  workers: z.array(z.object({ workerId: z.string(), tasks: count, share: z.number(), p50Ms: nullableMs })),
  histogram: z.array(z.object({ fromMs: ms, toMs: ms, count })),
  seconds: z.array(
    z.object({
      second: count,
      offered: count,
      sent: count,
      ended: count,
      good: count,
      errors: count,
      dropped: count,
      lateMs: ms,
      p50Ms: nullableMs,
      p99Ms: nullableMs,
    }),
  ),
  problems: z.array(z.object({ problem: z.string(), requests: count })),
  generator: z.object({
    eventLoopP99Ms: ms,
    eventLoopMaxMs: ms,
    lateP99Ms: nullableMs,
    lateMaxMs: nullableMs,
    lagged: z.boolean(),
  }),
  gates: z.array(
    z.object({ gate: z.string(), held: z.boolean(), value: z.number().nullable(), shown: z.string() }),
  ),
});

export type Summary = z.infer<typeof summarySchema>;
