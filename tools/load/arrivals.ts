/**
 * When requests are sent: planned before the first of them, from a seed, so that a system that stalls changes nothing
 * about the plan, and so that a run can be repeated.
 */
import { SeededRandom } from '../../infra/process/seeded-random.js';
import { expectedCount, timeOfCount, type RatePiece } from './rate-curve.js';

interface Common {
  readonly durationMs: number;
  readonly seed: number;
  /** Requests a second. */
  readonly ratePerSecond: number;
}

interface Surge {
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
    /** Poisson, with one surge. */
    | ({ readonly kind: 'spike'; readonly atMs: number } & Surge)
    /** Poisson, with a surge again and again, the first after one period. */
    | ({ readonly kind: 'bursts'; readonly everyMs: number } & Surge)
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
      return surges([plan.atMs]);
    case 'bursts':
      return surges(multiples(plan.everyMs, durationMs));
  }

  function surges(starts: readonly number[]): readonly RatePiece[] {
    if (plan.kind !== 'spike' && plan.kind !== 'bursts') return [];
    const pieces: RatePiece[] = [];
    let doneMs = 0;
    for (const startMs of starts) {
      const endMs = Math.min(startMs + plan.peakMs, durationMs);
      if (startMs > doneMs) pieces.push(flat(doneMs, Math.min(startMs, durationMs), ratePerSecond));
      if (endMs > startMs) pieces.push(flat(startMs, endMs, plan.peakPerSecond));
      doneMs = Math.max(doneMs, endMs);
    }
    return doneMs < durationMs ? [...pieces, flat(doneMs, durationMs, ratePerSecond)] : pieces;
  }
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
