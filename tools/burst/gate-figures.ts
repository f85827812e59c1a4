/** The figures of a run that conditions compare, taken from its summary. */
import type { GateFigures } from './gates.js';
import type { Outcome } from './outcome.js';
import type { Summary } from './summary-schema.js';

export function gateFigures(summary: Omit<Summary, 'gates'>): GateFigures {
  const { outcomes, latencyMs, requests } = summary;
  const { corrected } = latencyMs;
  const of = (name: Outcome): number => outcomes[name];
  return {
    requests: requests.judged,
    values: {
      p50: corrected.p50 ?? undefined,
      p90: corrected.p90 ?? undefined,
      p95: corrected.p95 ?? undefined,
      p99: corrected.p99 ?? undefined,
      max: corrected.max ?? undefined,
      mean: corrected.mean ?? undefined,
      drain: summary.drainMs,
      throughput: summary.perSecond.ok,
      ok: of('ok') + of('retried'),
      error: summary.errors,
      retried: of('retried'),
      wrong: of('wrong'),
      rejected: of('rejected'),
      failed: of('failed'),
      expired: of('expired'),
      timedout: of('timedOut'),
      connection: of('connection'),
      unavailable: of('unavailable'),
      lost: summary.tasks.lost,
      unfinished: of('unfinished'),
      dropped: of('dropped'),
    },
  };
}
