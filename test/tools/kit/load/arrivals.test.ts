import { describe, expect, it } from 'vitest';
import { planArrivals, peaksOf, type ArrivalPlan } from '../../../../tools/kit/load/arrivals.js';
import { planTexts, textSource } from '../../../../tools/kit/load/planned-texts.js';

const common = { durationMs: 20_000, seed: 1, ratePerSecond: 50 };
const PLANS: readonly ArrivalPlan[] = [
  { ...common, kind: 'constant' },
  { ...common, kind: 'poisson' },
  { ...common, kind: 'ramp', endPerSecond: 150 },
  { ...common, kind: 'spike', atMs: 5000, peakMs: 2000, peakPerSecond: 400 },
  { ...common, kind: 'bursts', everyMs: 5000, peakMs: 1000, peakPerSecond: 400 },
];

const countBetween = (times: readonly number[], fromMs: number, toMs: number): number =>
  times.filter((time) => time >= fromMs && time < toMs).length;

/** Four standard deviations of a Poisson count: a false alarm in 16,000 seeds, and the seed is fixed. */
function expectAbout(count: number, expected: number): void {
  expect(Math.abs(count - expected)).toBeLessThanOrEqual(4 * Math.sqrt(expected));
}

describe.each(PLANS)('arrivals: $kind', (plan) => {
  it('are the same for the same seed', () => {
    expect(planArrivals(plan)).toEqual(planArrivals(plan));
  });

  it('come in order, within the duration', () => {
    const times = planArrivals(plan);
    expect(times.length).toBeGreaterThan(0);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(0);
    expect(times.at(-1)).toBeLessThan(plan.durationMs);
  });

  it('are others for another seed, where chance has a say', () => {
    const isTheSame = String(planArrivals({ ...plan, seed: 2 })) === String(planArrivals(plan));
    expect(isTheSame).toBe(plan.kind === 'constant');
  });
});

describe('planned arrivals', () => {
  it('are evenly spaced where they are constant', () => {
    expect(planArrivals({ ...common, kind: 'constant', durationMs: 100 })).toEqual([0, 20, 40, 60, 80]);
  });

  it('come as independent people do where they are poisson', () => {
    const times = planArrivals({ ...common, kind: 'poisson', durationMs: 200_000 });
    expectAbout(times.length, 10_000);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // A share of 1 - 1/e of exponential gaps is shorter than the mean.
    expect(gaps.filter((gap) => gap < 20).length / gaps.length).toBeCloseTo(1 - 1 / Math.E, 1);
  });

  it('become more where they ramp up', () => {
    const times = planArrivals({ ...common, kind: 'ramp', endPerSecond: 150 });
    expectAbout(times.length, 2000);
    expectAbout(countBetween(times, 0, 10_000), 750);
    expectAbout(countBetween(times, 10_000, 20_000), 1250);
  });

  it('surge once in a spike', () => {
    const times = planArrivals({ ...common, kind: 'spike', atMs: 5000, peakMs: 2000, peakPerSecond: 400 });
    expectAbout(countBetween(times, 5000, 7000), 800);
    expectAbout(countBetween(times, 0, 5000), 250);
    expectAbout(countBetween(times, 7000, 20_000), 650);
  });

  it('surge again and again in bursts', () => {
    const times = planArrivals({
      ...common,
      kind: 'bursts',
      everyMs: 5000,
      peakMs: 1000,
      peakPerSecond: 400,
    });
    for (const startMs of [5000, 10_000, 15_000]) {
      expectAbout(countBetween(times, startMs, startMs + 1000), 400);
      expectAbout(countBetween(times, startMs + 1000, startMs + 5000), 200);
    }
    expectAbout(countBetween(times, 0, 5000), 250);
  });

  it('are none where a ramp begins and ends at nothing, and no gap is divided by nothing', () => {
    expect(planArrivals({ ...common, kind: 'ramp', ratePerSecond: 0, endPerSecond: 0 })).toEqual([]);
    const rising = planArrivals({ ...common, kind: 'ramp', ratePerSecond: 0, endPerSecond: 100 });
    expectAbout(rising.length, 1000);
    expectAbout(countBetween(rising, 0, 10_000), 250);
  });
});

describe('surges', () => {
  it('are the bursts, the spike, cut where the load ends, and none of other arrivals', () => {
    const surge = { ...common, peakMs: 3000, peakPerSecond: 400 };
    expect(peaksOf({ ...surge, kind: 'bursts', everyMs: 9000 })).toEqual([
      { fromMs: 9000, toMs: 12_000 },
      { fromMs: 18_000, toMs: 20_000 },
    ]);
    expect(peaksOf({ ...surge, kind: 'spike', atMs: 5000 })).toEqual([{ fromMs: 5000, toMs: 8000 }]);
    expect(peaksOf({ ...surge, kind: 'spike', atMs: 20_000 })).toEqual([]);
    expect(peaksOf({ ...common, kind: 'poisson' })).toEqual([]);
  });
});

describe('planned texts', () => {
  const plan = { pool: ['a', 'b', 'c'], seed: 5, textsPerRequest: { min: 1, max: 3 } };

  it('are the same for the same seed, and others for another', () => {
    expect(planTexts(50, plan)).toEqual(planTexts(50, plan));
    expect(planTexts(50, { ...plan, seed: 6 })).not.toEqual(planTexts(50, plan));
  });

  it('hold between the least and the most, both included', () => {
    const sizes = new Set(planTexts(200, plan).map((texts) => texts.length));
    expect([...sizes].sort()).toEqual([1, 2, 3]);
    expect(new Set(planTexts(200, plan).flat())).toEqual(new Set(plan.pool));
  });

  it('are the same one by one, where nobody knows how many there will be', () => {
    const next = textSource(plan);
    expect(Array.from({ length: 50 }, next)).toEqual(planTexts(50, plan));
  });

  it('cannot come from nowhere', () => {
    expect(() => planTexts(1, { ...plan, pool: [] })).toThrow('no texts');
  });
});
