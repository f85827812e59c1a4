import { describe, expect, it } from 'vitest';
import { bucketMs, bucketOf } from '../../../../contracts/stats/histogram.js';
import { flowOf } from '../../../../tools/monitor/view/flow.js';
import { NOW_MS, statsRow } from '../support/snapshots.js';

describe('rates', () => {
  it('are of the last ten seconds, as GET /stats has them', () => {
    const flow = flowOf([statsRow(60), statsRow(2), statsRow(1)], NOW_MS, 10);
    expect(flow.in.perSecond).toBe(4);
    expect(flow.out.perSecond).toBe(3.6);
    expect(flow.retries.perSecond).toBe(0.2);
  });

  it('count every end of a task as out, and what ended badly apart', () => {
    const counts = { succeeded: 10, failed: 3, expired: 2, cancelled: 5, rejected: 4 };
    const flow = flowOf([statsRow(1, { counts })], NOW_MS, 10);
    expect(flow.out.perSecond).toBe(2);
    expect(flow.failed.perSecond).toBe(0.5);
    expect(flow.rejected.perSecond).toBe(0.4);
  });

  it('sum the injected faults of all kinds', () => {
    expect(flowOf([statsRow(1)], NOW_MS, 5).faults).toEqual({ perSecond: 0.3, series: [0, 0, 0, 0, 3] });
  });

  it('add up several coordinators, second by second', () => {
    const rows = [statsRow(3), statsRow(1), statsRow(1, { coordinatorId: 'coordinator-b' })];
    const flow = flowOf(rows, NOW_MS, 4);
    expect(flow.in.series).toEqual([0, 20, 0, 40]);
    expect(flow.outstanding).toEqual({ tasks: 14, series: [0, 7, 0, 14] });
  });
});

describe('latencies', () => {
  it('are percentiles of the last minute, and of each second', () => {
    const flow = flowOf([statsRow(90, { latency: { [bucketOf(5000)]: 99 } }), statsRow(1)], NOW_MS, 3);
    expect(flow.p50.ms).toBe(bucketMs(bucketOf(12)));
    expect(flow.p99.ms).toBe(bucketMs(bucketOf(900)));
    expect(flow.p99.series).toEqual([undefined, undefined, bucketMs(bucketOf(900))]);
  });

  it('are unknown while nothing ends', () => {
    expect(flowOf([], NOW_MS, 2).p95).toEqual({ ms: undefined, series: [undefined, undefined] });
  });
});
