import { describe, expect, it } from 'vitest';
import type { LiveSecond } from '../../../../contracts/http/live.js';
import { History } from '../../../../coordinator/dashboard/page/history.js';
import { knownParts, unknownPeriods } from '../../../../coordinator/dashboard/page/unknown-periods.js';

const second = (at: number, coordinators: readonly string[] = [], startedAtMs?: number): LiveSecond => ({
  second: at,
  coordinators,
  counts: {},
  latency: { p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null },
  outstandingTasks: 0,
  queue: null,
  events:
    startedAtMs === undefined
      ? []
      : [{ atMs: startedAtMs, name: 'coordinator.started', fields: { coordinatorId: 'c' } }],
});

describe('a silence', () => {
  it('goes from the last second that was written until a coordinator started', () => {
    const history = new History();
    history.add(second(1000, ['a']));
    for (let at = 1001; at < 1060; at += 1) history.add(second(at));
    history.add(second(1060, ['b'], 1_060_500));
    history.add(second(1061));
    expect(unknownPeriods(history)).toEqual([{ fromMs: 1_001_000, untilMs: 1_060_500 }]);
  });

  it('is none while the page heard of each second, though nothing happened', () => {
    const history = new History();
    for (let at = 1000; at < 1060; at += 1) history.add(second(at), true);
    history.add(second(1060, ['b'], 1_060_500), true);
    expect(unknownPeriods(history)).toEqual([]);
  });

  it('is none where the next coordinator was there at once', () => {
    const history = new History();
    history.add(second(1000, ['a']));
    history.add(second(1003, ['b'], 1_003_200));
    expect(unknownPeriods(history)).toEqual([]);
  });

  it('goes only from the last heartbeat that a coordinator wrote, though nothing else happened', () => {
    const history = new History();
    history.add(second(1000, ['a']));
    for (const heartbeatAgeMs of [1200, 7500]) {
      const events = second(1060, ['b'], 1_060_500).events.map((event) => ({
        ...event,
        fields: { ...event.fields, heartbeatAgeMs },
      }));
      history.add({ ...second(1060, ['b']), events });
      expect(unknownPeriods(history)).toEqual(
        heartbeatAgeMs < 3000 ? [] : [{ fromMs: 1_053_000, untilMs: 1_060_500 }],
      );
    }
  });

  it('reaches back to the beginning where nothing was before', () => {
    const history = new History();
    history.add(second(1060, ['b'], 1_060_500));
    expect(unknownPeriods(history)).toEqual([{ fromMs: 0, untilMs: 1_060_500 }]);
  });
});

describe('what is known of a period', () => {
  const period = { atMs: 10, untilMs: 100, state: 'up', inFlight: 0 } as const;
  const times = (...unknown: readonly (readonly [number, number])[]) =>
    knownParts(
      period,
      unknown.map(([fromMs, untilMs]) => ({ fromMs, untilMs })),
    ).map(({ atMs, untilMs }) => [atMs, untilMs]);

  it('is what lies before and after a silence', () => {
    expect(times()).toEqual([[10, 100]]);
    expect(times([30, 40])).toEqual([
      [10, 30],
      [40, 100],
    ]);
    expect(times([0, 20], [90, 200])).toEqual([[20, 90]]);
    expect(times([0, 200])).toEqual([]);
    expect(times([0, 5], [100, 200])).toEqual([[10, 100]]);
  });
});
