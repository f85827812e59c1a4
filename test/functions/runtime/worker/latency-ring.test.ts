import { describe, expect, it } from 'vitest';
import { LatencyRing } from '../../../../functions/runtime/worker/latency-ring.js';

describe('LatencyRing', () => {
  it('says 0 while it is empty', () => {
    expect(new LatencyRing().percentile(50)).toBe(0);
  });

  it('gives percentiles by nearest rank', () => {
    const ring = new LatencyRing();
    for (const durationMs of [5, 1, 4, 2, 3]) ring.add(durationMs);
    expect(ring.percentile(50)).toBe(3);
    expect(ring.percentile(95)).toBe(5);
    expect(ring.percentile(0)).toBe(1);
  });

  it('forgets the oldest when it is full', () => {
    const ring = new LatencyRing(3);
    for (const durationMs of [1000, 1, 2, 3]) ring.add(durationMs);
    expect(ring.percentile(100)).toBe(3);
  });
});
