import { describe, expect, it } from 'vitest';
import { startClosedLoop } from '../../../../tools/kit/load/closed-loop.js';
import { eventually } from '../../../support/eventually.js';

/** Requests that a test answers when it likes. */
function start(clients: number, count: number, atMs?: (index: number) => number) {
  const underWay = new Map<number, () => void>();
  const lateMs: number[] = [];
  const stop = new AbortController();
  let taken = 0;
  const load = startClosedLoop({
    clients,
    next: () => (taken < count ? taken++ : undefined),
    plannedAt: (index) => atMs?.(index),
    send: (index, plannedAtMs) => {
      lateMs[index] = performance.now() - plannedAtMs;
      return new Promise((resolve) => underWay.set(index, resolve));
    },
    signal: stop.signal,
  });
  const answer = (index: number): void => {
    underWay.get(index)?.();
    underWay.delete(index);
  };
  return { load, underWay, lateMs, answer, stop };
}

describe('a closed loop', () => {
  it('sends the next request of a client when it has the answer to the one before', async () => {
    const { load, underWay, answer } = start(2, 4);
    expect([...underWay.keys()]).toEqual([0, 1]);
    answer(1);
    await eventually(() => underWay.has(2));
    expect([...underWay.keys()]).toEqual([0, 2]);
    answer(0);
    await eventually(() => underWay.has(3));
    answer(2);
    answer(3);
    await load.allSent;
  });

  it('waits for a planned time, and is late where its clients were busy', async () => {
    const { load, underWay, answer, lateMs } = start(1, 2, (index) => 30 + index);
    expect(underWay.size).toBe(0);
    await eventually(() => underWay.has(0));
    expect(lateMs[0]).toBeGreaterThan(-2); // timers may be a millisecond early
    const busyUntilMs = performance.now() + 50;
    await eventually(() => performance.now() > busyUntilMs);
    answer(0);
    await eventually(() => underWay.has(1));
    expect(lateMs[1]).toBeGreaterThan(40);
    answer(1);
    await load.allSent;
  });

  it('sends nothing more once it is told to stop', async () => {
    const { load, underWay, answer, stop } = start(1, 3);
    stop.abort();
    answer(0);
    await load.allSent;
    expect(underWay.size).toBe(0);
  });
});
