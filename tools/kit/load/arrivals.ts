/**
 * When requests are sent: planned before the first of them, from a seed, so that a system that stalls changes nothing
 * about the plan, and so that a run can be repeated.
 */
import { SeededRandom } from '../../../infra/process/seeded-random.js';
import { expectedCount, timeOfCount, type RatePiece } from './rate-curve.js';

interface Common {
  readonly durationMs: number;
  readonly seed: number;
  /** Requests a second. */
  readonly ratePerSecond: number;
}

interface Peak {
  /** Requests a second while it lasts, instead of the others. */
  readonly peakPerSecond: number;
  readonly peakMs: number;
}

export type ArrivalPlan = Common &
  (
    | /** Evenly spaced. */ { readonly kind: 'constant' }
    | /** By chance, as independent people come. */ { readonly kind: 'poisson' }
      /** Poisson, from `ratePerSecond` at the start to `endPerSecond` at the end. */
    | { readonly kind: 'ramp'; readonly endPerSecond: number }
    /** Poisson, with one peak. */
    | ({ readonly kind: 'spike'; readonly atMs: number } & Peak)
    /** Poisson, with a peak again and again, the first after one period. */
    | ({ readonly kind: 'bursts'; readonly everyMs: number } & Peak)
  );

export type ArrivalKind = ArrivalPlan['kind'];

/** Offsets from the start in milliseconds, ascending. */
export function planArrivals(plan: ArrivalPlan): readonly number[] {
  const curve = rateCurve(plan);
  const total = expectedCount(curve);
  const gap = plan.kind === 'constant' ? () => 1 : exponentialGaps(plan.seed);
  const times: number[] = [];
  for (let count = plan.kind === 'constant' ? 0 : gap(); count < total; count += gap()) {
    times.push(timeOfCount(curve, count));
  }
  return times;
}

/** How fast requests come at each moment: arrivals at rate 1 are stretched to it. */
export function rateCurve(plan: ArrivalPlan): readonly RatePiece[] {
  const { durationMs, ratePerSecond } = plan;
  const flat = (fromMs: number, toMs: number, rate: number): RatePiece => ({
    fromMs,
    toMs,
    fromRate: rate,
    toRate: rate,
  });
  switch (plan.kind) {
    case 'constant':
    case 'poisson':
      return [flat(0, durationMs, ratePerSecond)];
    case 'ramp':
      return [{ fromMs: 0, toMs: durationMs, fromRate: ratePerSecond, toRate: plan.endPerSecond }];
    case 'spike':
    case 'bursts':
      return withPeaks(plan.peakPerSecond, peaksOf(plan));
  }

  function withPeaks(peakPerSecond: number, peaks: readonly Span[]): readonly RatePiece[] {
    const pieces: RatePiece[] = [];
    let doneMs = 0;
    for (const { fromMs, toMs } of peaks) {
      if (fromMs > doneMs) pieces.push(flat(doneMs, fromMs, ratePerSecond));
      pieces.push(flat(Math.max(fromMs, doneMs), toMs, peakPerSecond));
      doneMs = toMs;
    }
    return doneMs < durationMs ? [...pieces, flat(doneMs, durationMs, ratePerSecond)] : pieces;
  }
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When it is busier than otherwise, in order: the bursts, the spike. */
export function peaksOf(plan: ArrivalPlan): readonly Span[] {
  if (plan.kind !== 'spike' && plan.kind !== 'bursts') return [];
  const { durationMs, peakMs } = plan;
  const starts = plan.kind === 'spike' ? [plan.atMs] : multiples(plan.everyMs, durationMs);
  return starts
    .filter((startMs) => startMs < durationMs)
    .map((startMs) => ({ fromMs: startMs, toMs: Math.min(startMs + peakMs, durationMs) }));
}

function multiples(stepMs: number, belowMs: number): readonly number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil(belowMs / stepMs) - 1) },
    (_, index) => (index + 1) * stepMs,
  );
}

function exponentialGaps(seed: number): () => number {
  const random = new SeededRandom(seed).fork('arrivals');
  return () => -Math.log(1 - random.next());
}
