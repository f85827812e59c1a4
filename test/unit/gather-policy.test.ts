import { describe, expect, it } from 'vitest';
import { LONGEST_GATHERING_MS, sendAtMs, type GatherState } from '../../coordinator/intake/gather-policy.js';

const state = (change: Partial<GatherState> = {}): GatherState => ({
  nowMs: 1000,
  firstArrivalMs: 1000,
  outstandingBatches: 0,
  workers: 3,
  windowMs: 2,
  batchTimeMs: 20,
  answeredAtMs: -Infinity,
  expectedBack: 0,
  ...change,
});

describe('sendAtMs', () => {
  it('sends a lone task of an idle system at once', () => {
    expect(sendAtMs(state())).toBe(1000);
  });

  it('waits one window for the clients of a batch that was just answered, from the answer on', () => {
    expect(sendAtMs(state({ answeredAtMs: 999.5, expectedBack: 7 }))).toBe(1001.5);
    expect(sendAtMs(state({ answeredAtMs: 999.5, expectedBack: 0 }))).toBe(1000);
  });

  it('gathers for one window while batches are outstanding', () => {
    expect(sendAtMs(state({ outstandingBatches: 1 }))).toBe(1002);
    expect(sendAtMs(state({ outstandingBatches: 2 }))).toBe(1002);
  });

  it('gathers for those that are expected back where that is later', () => {
    expect(sendAtMs(state({ outstandingBatches: 1, answeredAtMs: 1001, expectedBack: 3 }))).toBe(1003);
  });

  it('gathers for one batch time once a batch per worker is outstanding', () => {
    expect(sendAtMs(state({ outstandingBatches: 3 }))).toBe(1020);
    expect(sendAtMs(state({ outstandingBatches: 9 }))).toBe(1020);
  });

  it('never gathers beyond 50 ms, nor less than the window', () => {
    expect(LONGEST_GATHERING_MS).toBe(50);
    expect(sendAtMs(state({ outstandingBatches: 3, batchTimeMs: 4000 }))).toBe(1050);
    expect(sendAtMs(state({ outstandingBatches: 3, batchTimeMs: 0.5 }))).toBe(1002);
  });

  it('counts from the first arrival, not from now', () => {
    expect(sendAtMs(state({ nowMs: 1015, outstandingBatches: 3 }))).toBe(1020);
  });

  it('does not gather with a window of 0 while workers are free', () => {
    expect(sendAtMs(state({ windowMs: 0, outstandingBatches: 1 }))).toBe(1000);
  });
});
