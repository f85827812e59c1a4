import { describe, expect, it } from 'vitest';
import { LoadMeter } from '../../../coordinator/intake/load-meter.js';

const WINDOW_MS = 2;

describe('tasksUnderWay', () => {
  it('are those that were sent and neither answered nor set aside', () => {
    const meter = new LoadMeter(WINDOW_MS);
    for (const id of ['a', 'b', 'c']) meter.recordSent(id, 4, 0);
    expect(meter.tasksUnderWay(1)).toBe(12);
    meter.recordAnswers('a', 4, 1);
    meter.recordAnswers('b', 1, 1);
    expect(meter.tasksUnderWay(1)).toBe(7);
    meter.stopTracking('b');
    expect(meter.tasksUnderWay(1)).toBe(4);
  });

  it('leave out a batch that is past twice the usual time, for good', () => {
    const meter = new LoadMeter(WINDOW_MS);
    meter.recordSent('slow', 3, 0);
    const overdueMs = 2 * meter.batchTimeMs;
    expect(meter.tasksUnderWay(overdueMs)).toBe(3);
    expect(meter.tasksUnderWay(overdueMs + 0.1)).toBe(0);
    expect(meter.tasksUnderWay(1)).toBe(0);
  });
});

describe('batchTimeMs', () => {
  it('follows what batches take', () => {
    const meter = new LoadMeter(WINDOW_MS);
    for (let batch = 0; batch < 60; batch += 1) {
      meter.recordSent(String(batch), 1, 100 * batch);
      meter.recordAnswers(String(batch), 1, 100 * batch + 8);
    }
    expect(meter.batchTimeMs).toBeCloseTo(8, 2);
  });

  it('is not moved far by one outlier', () => {
    const meter = new LoadMeter(WINDOW_MS);
    const before = meter.batchTimeMs;
    meter.recordSent('a', 1, 0);
    meter.recordAnswers('a', 1, 2 * before);
    expect(meter.batchTimeMs).toBeCloseTo(1.2 * before, 5);
  });

  it('learns from a batch when the last of it is answered, nothing from one that was set aside', () => {
    const meter = new LoadMeter(WINDOW_MS);
    const before = meter.batchTimeMs;
    meter.recordSent('retried', 1, 0);
    meter.stopTracking('retried');
    meter.recordAnswers('retried', 1, 5000);
    meter.recordSent('halves', 2, 6000);
    meter.recordAnswers('halves', 1, 9000);
    expect(meter.batchTimeMs).toBe(before);
    meter.recordAnswers('halves', 1, 6000 + 2 * before);
    expect(meter.batchTimeMs).toBeCloseTo(1.2 * before, 5);
  });
});

describe('tasksExpectedBack', () => {
  it('are the clients that were just answered and have not come back', () => {
    const meter = new LoadMeter(WINDOW_MS);
    expect(meter.tasksExpectedBack(0)).toBe(0);
    meter.recordAnswers('a', 5, 100);
    expect(meter.latestEventMs).toBe(100);
    meter.recordArrivals(2, 101);
    expect(meter.latestEventMs).toBe(101);
    expect(meter.tasksExpectedBack(101)).toBe(3);
    meter.recordArrivals(9, 101);
    expect(meter.tasksExpectedBack(101)).toBe(0);
  });

  it('are nobody once none has come for a window', () => {
    const meter = new LoadMeter(WINDOW_MS);
    meter.recordAnswers('a', 5, 100);
    expect(meter.tasksExpectedBack(101.9)).toBe(5);
    meter.recordArrivals(1, 101.9);
    expect(meter.patienceEndsAtMs).toBe(103.9);
    expect(meter.tasksExpectedBack(103.8)).toBe(4);
    expect(meter.tasksExpectedBack(103.9)).toBe(0);
  });

  it('add up over answers that follow each other', () => {
    const meter = new LoadMeter(WINDOW_MS);
    meter.recordAnswers('a', 5, 100);
    meter.recordAnswers('b', 4, 101);
    expect(meter.tasksExpectedBack(101)).toBe(9);
    meter.recordAnswers('c', 1, 200);
    expect(meter.tasksExpectedBack(200)).toBe(1);
  });
});
