import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../../infra/process/system-clock.js';

function fakeTime(originMs: number) {
  const time = { wallMs: originMs, monotonicMs: 0 };
  const clock = createSystemClock(
    { wallMs: () => Math.floor(time.wallMs), monotonicMs: () => time.monotonicMs },
    originMs,
  );
  const pass = (ms: number): void => {
    time.wallMs += ms;
    time.monotonicMs += ms;
  };
  return { time, clock, pass };
}

describe('system clock', () => {
  it('counts fractions of a millisecond', () => {
    const { clock, pass } = fakeTime(1_000_000);
    pass(10.25);
    expect(clock.now()).toBe(1_000_010.25);
    expect(clock.monotonic()).toBe(10.25);
  });

  it('follows a step of the wall clock, forwards and backwards', () => {
    const { clock, time, pass } = fakeTime(1_000_000);
    time.wallMs += 3_600_000;
    expect(clock.now()).toBe(4_600_000);
    pass(1.5);
    expect(clock.now()).toBe(4_600_001.5);
    time.wallMs -= 7_200_000;
    expect(Math.abs(clock.now() - time.wallMs)).toBeLessThan(1);
  });

  it('ignores what rounding makes of the wall clock', () => {
    const { clock, time } = fakeTime(1_000_000);
    time.monotonicMs = 1.9;
    time.wallMs += 0.5;
    expect(clock.now()).toBe(1_000_001.9);
  });

  it('agrees with the machine', () => {
    const clock = createSystemClock();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50);
  });
});

describe('timers of the system clock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('call once, after the delay', () => {
    const call = vi.fn();
    createSystemClock().timer(50, call);
    vi.advanceTimersByTime(49);
    expect(call).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(call).toHaveBeenCalledOnce();
  });

  it('can be cancelled', () => {
    const call = vi.fn();
    const cancel = createSystemClock().timer(50, call);
    cancel();
    vi.advanceTimersByTime(1000);
    expect(call).not.toHaveBeenCalled();
  });

  it('wait longer than setTimeout can', () => {
    const call = vi.fn();
    const thirtyDaysMs = 30 * 24 * 3_600_000;
    createSystemClock().timer(thirtyDaysMs, call);
    vi.advanceTimersByTime(thirtyDaysMs - 1);
    expect(call).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(call).toHaveBeenCalledOnce();
  });
});
