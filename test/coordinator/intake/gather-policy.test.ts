import { describe, expect, it } from 'vitest';
import {
  MAX_GATHERING_MS,
  returnMs,
  sendAtMs,
  type GatherState,
} from '../../../coordinator/intake/gather-policy.js';

const state = (change: Partial<GatherState> = {}): GatherState => ({
  firstArrivalMs: 1000,
  gatheredTasks: 1,
  tasksUnderWay: 0,
  tasksExpectedBack: 0,
  latestEventMs: 1000,
  workers: 3,
  windowMs: 2,
  batchTimeMs: 20,
  ...change,
});

describe('sendAtMs', () => {
  it('sends at once while the system is idle', () => {
    expect(sendAtMs(state())).toBe(1000);
    expect(sendAtMs(state({ gatheredTasks: 7 }))).toBe(1000);
  });

  it('waits for clients that were just answered, as long as they keep coming', () => {
    expect(sendAtMs(state({ tasksExpectedBack: 7, latestEventMs: 1000.5 }))).toBe(1002.5);
    expect(sendAtMs(state({ tasksExpectedBack: 6, gatheredTasks: 2, latestEventMs: 1001.5 }))).toBe(1003.5);
  });

  it('does not keep those waiting who came first for ever', () => {
    expect(sendAtMs(state({ tasksExpectedBack: 7, latestEventMs: 1500 }))).toBe(1020);
  });

  it('sends within one window once a fair share has gathered', () => {
    expect(sendAtMs(state({ gatheredTasks: 1, tasksUnderWay: 2 }))).toBe(1002);
    expect(sendAtMs(state({ gatheredTasks: 8, tasksUnderWay: 8, tasksExpectedBack: 8 }))).toBe(1002);
  });

  it('gathers up to a batch time for a fair share', () => {
    expect(sendAtMs(state({ gatheredTasks: 1, tasksUnderWay: 15 }))).toBe(1020);
    expect(sendAtMs(state({ gatheredTasks: 5, tasksUnderWay: 11 }))).toBe(1020);
    expect(sendAtMs(state({ gatheredTasks: 6, tasksUnderWay: 10 }))).toBe(1002);
  });

  it('never gathers beyond 50 ms, nor less than the window', () => {
    expect(MAX_GATHERING_MS).toBe(50);
    expect(sendAtMs(state({ tasksUnderWay: 100, batchTimeMs: 4000 }))).toBe(1050);
    expect(sendAtMs(state({ tasksUnderWay: 100, batchTimeMs: 0.5 }))).toBe(1002);
  });

  it('does not gather with a window of 0 once the share is there', () => {
    expect(sendAtMs(state({ windowMs: 0, tasksUnderWay: 1 }))).toBe(1000);
  });

  it('takes a system without workers for one with one', () => {
    expect(sendAtMs(state({ workers: 0, gatheredTasks: 4, tasksUnderWay: 4 }))).toBe(1020);
  });
});

describe('returnMs', () => {
  it('is a window, or a tenth of a batch time where that is longer, 50 ms at most', () => {
    expect(returnMs({ windowMs: 2, batchTimeMs: 5 })).toBe(2);
    expect(returnMs({ windowMs: 2, batchTimeMs: 200 })).toBe(20);
    expect(returnMs({ windowMs: 2, batchTimeMs: 5000 })).toBe(50);
  });
});
