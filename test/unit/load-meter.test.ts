import { describe, expect, it } from 'vitest';
import { LoadMeter } from '../../coordinator/intake/load-meter.js';

const WINDOW_MS = 2;

describe('outstandingBatches', () => {
  it('are those that were sent and neither answered nor set aside', () => {
    const meter = new LoadMeter(WINDOW_MS);
    for (const id of ['a', 'b', 'c']) meter.sent(id, 0);
    expect(meter.outstandingBatches(1)).toBe(3);
    meter.answered('a', 4, 1);
    meter.setAside('b');
    expect(meter.outstandingBatches(1)).toBe(1);
  });

  it('leave out one that is past twice the usual time, for good', () => {
    const meter = new LoadMeter(WINDOW_MS);
    meter.sent('slow', 0);
    const overdueMs = 2 * meter.batchTimeMs;
    expect(meter.outstandingBatches(overdueMs)).toBe(1);
    expect(meter.outstandingBatches(overdueMs + 0.1)).toBe(0);
    expect(meter.outstandingBatches(1)).toBe(0);
  });
});

describe('batchTimeMs', () => {
  it('follows what batches take', () => {
    const meter = new LoadMeter(WINDOW_MS);
    for (let batch = 0; batch < 60; batch += 1) {
      meter.sent(String(batch), 100 * batch);
      meter.answered(String(batch), 1, 100 * batch + 8);
    }
    expect(meter.batchTimeMs).toBeCloseTo(8, 2);
  });

  it('is not moved far by one outlier', () => {
    const meter = new LoadMeter(WINDOW_MS);
    const before = meter.batchTimeMs;
    meter.sent('a', 0);
    meter.answered('a', 1, 2 * before);
    expect(meter.batchTimeMs).toBeCloseTo(1.2 * before, 5);
  });

  it('learns nothing from a batch that was set aside or answered in parts', () => {
    const meter = new LoadMeter(WINDOW_MS);
    const before = meter.batchTimeMs;
    meter.sent('retried', 0);
    meter.setAside('retried');
    meter.answered('retried', 1, 5000);
    expect(meter.batchTimeMs).toBe(before);
  });
});

describe('expectedBack', () => {
  it('are the clients that were just answered and have not come back', () => {
    const meter = new LoadMeter(WINDOW_MS);
    expect(meter.expectedBack(0)).toBe(0);
    meter.answered('a', 5, 100);
    expect(meter.answeredAtMs).toBe(100);
    meter.came(2);
    expect(meter.expectedBack(101)).toBe(3);
    meter.came(9);
    expect(meter.expectedBack(101)).toBe(0);
  });

  it('are nobody after the window', () => {
    const meter = new LoadMeter(WINDOW_MS);
    meter.answered('a', 5, 100);
    expect(meter.expectedBack(102)).toBe(5);
    expect(meter.expectedBack(102.1)).toBe(0);
  });

  it('add up over answers within the window only', () => {
    const meter = new LoadMeter(WINDOW_MS);
    meter.answered('a', 5, 100);
    meter.answered('b', 4, 101);
    expect(meter.expectedBack(101)).toBe(9);
    meter.answered('c', 1, 200);
    expect(meter.expectedBack(200)).toBe(1);
  });
});
