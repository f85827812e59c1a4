/** Everything that will be asked and when, known before the first request goes out. */
import { planArrivals, rateCurve, peaksOf, type ArrivalPlan, type Span } from '../kit/load/arrivals.js';
import { expectedCount } from '../kit/load/rate-curve.js';
import { planTexts, textSource } from '../kit/load/planned-texts.js';
import type { PlannedRequest, SampleText } from './record.js';
import { BurstError, MAX_PER_SECOND, MAX_REQUESTS, type BurstSettings } from './settings.js';

export type LoadPlan = PacedPlan | UnpacedPlan;

/** Each request has a time. `clients`: as many as may be under way; the others are late, and that is measured. */
export interface PacedPlan {
  readonly kind: 'paced';
  readonly clients: number | undefined;
  readonly arrivals: ArrivalPlan;
  readonly requests: readonly PlannedRequest[];
  readonly durationMs: number;
  readonly peaks: readonly Span[];
}

/** A closed loop without a rate: so many clients, as fast as they are answered. */
export interface UnpacedPlan {
  readonly kind: 'unpaced';
  readonly clients: number;
  readonly durationMs: number;
  readonly count: number | undefined;
  readonly next: () => PlannedRequest;
}

const DEFAULT_RATE = 20;
const DEFAULT_MS = 5000;
const PEAK_FACTOR = 5;

/** @throws BurstError where it would be more than anybody can have meant */
export function planLoad(settings: BurstSettings, pool: readonly SampleText[]): LoadPlan {
  const { closed, rate, count, seed, texts, duration = DEFAULT_MS } = settings;
  rejectUnusedFlags(settings);
  const textsPlan = { pool, seed, textsPerRequest: { min: texts, max: texts } };
  if (closed !== undefined && rate === undefined) {
    const nextTexts = textSource(textsPlan);
    let index = 0;
    const durationMs = count !== undefined && settings.duration === undefined ? Infinity : duration;
    const next = () => ({ index: index++, texts: nextTexts() });
    return { kind: 'unpaced', clients: closed, durationMs, count, next };
  }
  const arrivals = arrivalPlan(settings);
  const times = planArrivals(arrivals).slice(0, count);
  if (times.length === 0)
    throw new BurstError('these flags make no request at all: raise --rate or --duration');
  const requested = planTexts(times.length, textsPlan);
  const requests = times.map((atMs, index) => ({ index, atMs, texts: requested[index] ?? [] }));
  const durationMs = times.length === count ? endOfCountedLoad(times) : arrivals.durationMs;
  const peaks = peaksOf(arrivals).filter(({ fromMs }) => fromMs < durationMs);
  return { kind: 'paced', clients: closed, arrivals, requests, durationMs, peaks };
}

/** A load that a count ends lasts as long as its last request would have lasted until another. */
function endOfCountedLoad(times: readonly number[]): number {
  const last = times.at(-1) ?? 0;
  return times.length > 1 ? last + last / (times.length - 1) : last;
}

export function arrivalPlan(settings: BurstSettings): ArrivalPlan {
  const { arrivals: kind, rate = DEFAULT_RATE, count, duration = DEFAULT_MS, seed } = settings;
  const peakPerSecond = settings.peak ?? Math.min(MAX_PER_SECOND, PEAK_FACTOR * rate);
  const withDuration = (durationMs: number): ArrivalPlan => {
    const common = { durationMs, seed, ratePerSecond: rate };
    const peakMs = settings.peakFor ?? (kind === 'spike' ? durationMs / 5 : 500);
    switch (kind) {
      case 'constant':
      case 'poisson':
        return { ...common, kind };
      case 'ramp':
        return { ...common, kind, endPerSecond: settings.to ?? peakPerSecond };
      case 'spike':
        return { ...common, kind, peakPerSecond, peakMs, atMs: settings.at ?? 0.4 * durationMs };
      case 'bursts':
        return { ...common, kind, peakPerSecond, peakMs, everyMs: settings.every ?? 2000 };
    }
  };
  const isEnough = (plan: ArrivalPlan): boolean => count === undefined || planArrivals(plan).length >= count;
  let plan = requireBounded(withDuration(duration));
  // Without a duration a count decides alone, where the arrivals go on alike; a ramp and a spike have an end.
  const mayGrow = settings.duration === undefined && kind !== 'ramp' && kind !== 'spike';
  const isForever = rate === 0 && (kind !== 'bursts' || peakPerSecond === 0);
  while (mayGrow && !isForever && !isEnough(plan)) plan = requireBounded(withDuration(2 * plan.durationMs));
  return plan;
}

const MAX_DURATION_MS = 24 * 3_600_000;

/** @throws BurstError */
function requireBounded(plan: ArrivalPlan): ArrivalPlan {
  const requests = Math.round(expectedCount(rateCurve(plan)));
  if (requests > MAX_REQUESTS || plan.durationMs > MAX_DURATION_MS) {
    throw new BurstError(
      `that would be about ${requests} requests in ${Math.round(plan.durationMs / 1000)} s; ` +
        `at most ${MAX_REQUESTS} in ${MAX_DURATION_MS / 3_600_000} hours are sent: change rate, count or duration`,
    );
  }
  return plan;
}

/** A flag of other arrivals would say something that does not happen. */
function rejectUnusedFlags(settings: BurstSettings): void {
  const { arrivals, closed, rate } = settings;
  const uses: Readonly<Record<string, readonly string[]>> = {
    peak: ['bursts', 'spike'],
    peakFor: ['bursts', 'spike'],
    every: ['bursts'],
    at: ['spike'],
    to: ['ramp'],
  };
  const given: Readonly<Record<string, unknown>> = { ...settings };
  for (const [flag, kinds] of Object.entries(uses)) {
    if (given[flag] !== undefined && !kinds.includes(arrivals)) {
      const name = flag === 'peakFor' ? 'peak-for' : flag;
      throw new BurstError(`--${name} is for --arrivals ${kinds.join(' and ')}, not for ${arrivals}`);
    }
  }
  if (closed !== undefined && rate === undefined && arrivals !== 'poisson') {
    throw new BurstError(`--closed without --rate has no arrivals: add --rate, or leave out --arrivals`);
  }
}
