import { describe, expect, it } from 'vitest';
import type { LiveSecond } from '../../../../contracts/http/live.js';
import { History } from '../../../../coordinator/dashboard/page/history.js';

const live = (second: number): LiveSecond => ({
  second,
  coordinators: ['a'],
  counts: { accepted: second },
  latency: { p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null },
  outstandingTasks: 0,
  queue: null,
  events: [],
});

describe("the page's history", () => {
  it('goes on where the clock of the coordinator stepped back', () => {
    const history = new History();
    for (let second = 5000; second < 5010; second += 1) expect(history.add(live(second))).toBe(false);
    expect(history.add(live(4000))).toBe(true);
    expect(history.add(live(4001))).toBe(false);
    expect(history.latest).toBe(4001);
    expect(history.recent(60).map(({ second }) => second)).toEqual([4000, 4001]);
  });

  it('takes a row that came late for no step', () => {
    const history = new History();
    for (let second = 5000; second < 5010; second += 1) history.add(live(second));
    expect(history.add(live(5003))).toBe(false);
    expect(history.latest).toBe(5009);
  });
});
