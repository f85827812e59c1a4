/** All requests of an experiment, planned before the first is sent: the same for the same seed. */
import { planArrivals, type ArrivalPlan } from '../../kit/load/arrivals.js';
import type { Planned } from '../../kit/load/open-loop.js';
import { planTexts } from '../../kit/load/planned-texts.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';
import type { LoadSettings } from '../definition/schema.js';

export interface PlannedRequest extends Planned {
  readonly index: number;
  readonly texts: readonly string[];
  /** Carries an Idempotency-Key, and is repeated until it is answered. */
  readonly keyed: boolean;
  /** Does not wait for its answer. */
  readonly async: boolean;
}

export function planLoad(load: LoadSettings, pool: readonly string[]): readonly PlannedRequest[] {
  const times = planArrivals(arrivalPlan(load));
  const texts = planTexts(times.length, { pool, seed: load.seed, textsPerRequest: load.textsPerRequest });
  const kinds = new SeededRandom(load.seed).fork('kinds');
  const poisoned = poisonedIndexes(times.length, load.poisonous?.requests ?? 0);
  return times.map((atMs, index) => {
    const [first = '', ...others] = texts[index] ?? [];
    const word = poisoned.has(index) ? ` ${load.poisonous?.word ?? ''}` : '';
    return {
      index,
      atMs,
      texts: [first + word, ...others],
      keyed: kinds.next() < load.keyed,
      async: kinds.next() < load.async,
    };
  });
}

export function arrivalPlan({ arrivals, rate, for: durationMs, seed }: LoadSettings): ArrivalPlan {
  const common = { durationMs, seed, ratePerSecond: rate };
  if (typeof arrivals === 'string') return { ...common, kind: arrivals };
  if ('ramp' in arrivals) return { ...common, kind: 'ramp', endPerSecond: arrivals.ramp.to };
  if ('spike' in arrivals) {
    const { rate: peakPerSecond, at: atMs, for: peakMs } = arrivals.spike;
    return { ...common, kind: 'spike', peakPerSecond, atMs, peakMs };
  }
  const { rate: peakPerSecond, every: everyMs, for: peakMs } = arrivals.bursts;
  return { ...common, kind: 'bursts', peakPerSecond, everyMs, peakMs };
}

/** Evenly spread, neither first nor last. */
function poisonedIndexes(requests: number, poisoned: number): ReadonlySet<number> {
  const step = requests / (poisoned + 1);
  return new Set(Array.from({ length: poisoned }, (_, turn) => Math.floor((turn + 1) * step)));
}
