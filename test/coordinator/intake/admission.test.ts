import { describe, expect, it } from 'vitest';
import { refusalOf as refusalFor, retryAfterSeconds } from '../../../coordinator/intake/admission.js';
import { DrainRate } from '../../../coordinator/stats/drain-rate.js';
import { ManualClock } from '../../support/manual-clock.js';

function refusalOf(tasks: number, outstanding: number, bound: number, drainPerSecond = 0): unknown {
  const load = (count: number) => ({ tasks: count, bytes: count * 10 });
  return refusalFor(load(tasks), load(outstanding), { tasks: bound, bytes: 1000 }, drainPerSecond);
}

describe('admission', () => {
  it('lets in what fits, to the last place', () => {
    expect(refusalOf(1, 0, 1)).toBeUndefined();
    expect(refusalOf(10, 90, 100)).toBeUndefined();
  });

  it('refuses what does not fit, whole, and says when to come again', () => {
    const refusal = refusalOf(11, 90, 100, 30);
    expect(refusal).toMatchObject({ code: 'overloaded', details: { retryAfterSeconds: 2 } });
  });

  it('refuses what is too large as it refuses too many', () => {
    const refusal = refusalOf(1, 100, 1000, 30);
    expect(refusal).toMatchObject({ code: 'overloaded', details: { retryAfterSeconds: 2 } });
    expect(refusal).toHaveProperty('message', '1000 bytes of texts are outstanding, of 1000 at most');
    expect(refusalOf(1, 99, 1000)).toBeUndefined();
  });

  it('gives one text and many the same time to come again', () => {
    expect(refusalOf(1, 100, 100, 7)).toEqual(refusalOf(256, 100, 100, 7));
  });
});

describe('retryAfterSeconds', () => {
  it('is when half of the backlog will have drained, in whole seconds', () => {
    expect(retryAfterSeconds(20_000, 500)).toBe(20);
    expect(retryAfterSeconds(1001, 100)).toBe(6);
  });

  it('is from 1 to 60', () => {
    expect(retryAfterSeconds(10, 1000)).toBe(1);
    expect(retryAfterSeconds(20_000, 0.5)).toBe(60);
  });

  it('is a guess while nothing drains', () => {
    expect(retryAfterSeconds(20_000, 0)).toBe(5);
  });
});

describe('DrainRate', () => {
  it('is zero before anything drained, and long after', () => {
    const clock = new ManualClock();
    const rate = new DrainRate(clock);
    expect(rate.tasksPerSecond()).toBe(0);
    rate.recordTerminal(100);
    clock.advance(10_000);
    expect(rate.tasksPerSecond()).toBe(0);
  });

  it('follows a steady stream', () => {
    const clock = new ManualClock();
    const rate = new DrainRate(clock);
    for (let step = 0; step < 200; step += 1) {
      clock.advance(50);
      rate.recordTerminal(4);
    }
    expect(rate.tasksPerSecond()).toBeGreaterThan(75);
    expect(rate.tasksPerSecond()).toBeLessThan(85);
  });

  it('does not multiply the tasks of the first instant', () => {
    const clock = new ManualClock();
    const rate = new DrainRate(clock);
    clock.advance(1);
    rate.recordTerminal(32);
    expect(rate.tasksPerSecond()).toBeLessThanOrEqual(32);
  });
});
