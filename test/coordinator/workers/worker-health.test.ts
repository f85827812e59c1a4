import { beforeEach, describe, expect, it } from 'vitest';
import {
  FAILURES_TO_EJECT,
  TRIALS_TO_RETURN,
  WorkerHealth,
} from '../../../coordinator/workers/worker-health.js';
import { ManualClock } from '../../support/manual-clock.js';

let clock: ManualClock;
let health: WorkerHealth;
let batches: number;

beforeEach(() => {
  clock = new ManualClock();
  health = new WorkerHealth(clock);
  batches = 0;
});

const fail = (batchId = `batch-${(batches += 1)}`) => health.recordFailure(batchId, clock.monotonic());
const work = () => health.recordSuccess(clock.monotonic());
function failOften(times: number): boolean {
  return Array.from({ length: times }, () => fail()).at(-1) ?? false;
}
function goOnTrial(): void {
  clock.advance(health.ejection?.forMs ?? 0);
  health.recordProbeAnswer();
}

describe('a worker that works', () => {
  it('should be ejected after so many failures in a row, not before', () => {
    expect(failOften(FAILURES_TO_EJECT - 1)).toBe(false);
    expect(fail()).toBe(true);
  });

  it('starts anew with each invoke that worked', () => {
    failOften(FAILURES_TO_EJECT - 1);
    expect(work()).toBe(false);
    expect(failOften(FAILURES_TO_EJECT - 1)).toBe(false);
    expect(fail()).toBe(true);
  });

  it('is not blamed for one batch that fails again and again', () => {
    expect(Array.from({ length: 50 }, () => fail('poison')).includes(true)).toBe(false);
  });
});

describe('a worker that was ejected', () => {
  beforeEach(() => {
    failOften(FAILURES_TO_EJECT);
    health.eject();
  });

  it('stays out for its time, then waits for a probe, then is on trial', () => {
    expect(health.ejection).toEqual({ forMs: 1000, untilMs: clock.now() + 1000, times: 1 });
    clock.advance(999);
    health.recordProbeAnswer();
    expect(health.phase).toBe('ejected');
    clock.advance(1);
    expect(health.phase).toBe('probing');
    health.recordProbeAnswer();
    expect(health.phase).toBe('trial');
  });

  it('is back after enough trials that worked', () => {
    goOnTrial();
    for (let trial = 1; trial < TRIALS_TO_RETURN; trial += 1) expect(work()).toBe(false);
    expect(health.phase).toBe('trial');
    expect(work()).toBe(true);
    expect(health).toMatchObject({ phase: 'working', ejection: undefined });
  });

  it('is out for longer after a trial that failed, up to half a minute', () => {
    const times = Array.from({ length: 7 }, () => {
      goOnTrial();
      expect(fail()).toBe(true);
      return health.eject().forMs;
    });
    expect(times).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is out for longer when it fails again soon after it came back, and not after a good minute', () => {
    const comeBack = () => {
      goOnTrial();
      for (let trial = 0; trial < TRIALS_TO_RETURN; trial += 1) work();
    };
    comeBack();
    clock.advance(59_999);
    failOften(FAILURES_TO_EJECT);
    expect(health.eject().forMs).toBe(2000);
    comeBack();
    clock.advance(60_000);
    failOften(FAILURES_TO_EJECT);
    expect(health.eject().forMs).toBe(1000);
  });

  it('is judged by what began since, not by what ended since', () => {
    const before = clock.monotonic() - 1;
    expect(health.recordFailure('old', before)).toBe(false);
    goOnTrial();
    expect(health.recordFailure('old', before)).toBe(false);
    for (let trial = 0; trial < TRIALS_TO_RETURN; trial += 1) health.recordSuccess(before);
    expect(health.phase).toBe('trial');
  });

  it('is not ejected a second time by what it still has', () => {
    expect(failOften(2 * FAILURES_TO_EJECT)).toBe(false);
  });
});

describe('an ejected worker', () => {
  it('cannot be ejected again before it was tried', () => {
    health.eject();
    expect(() => health.eject()).toThrow('cannot change from ejected to ejected');
  });
});
