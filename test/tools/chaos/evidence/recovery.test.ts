import { describe, expect, it } from 'vitest';
import { recoveries, type RecoveryInput } from '../../../../tools/chaos/evidence/recovery.js';
import { readExperiment } from '../../../../tools/chaos/definition/read-experiment.js';
import { reasonToStop } from '../../../../tools/chaos/experiment/stop-conditions.js';
import { Tally } from '../../../../tools/chaos/evidence/tally.js';
import { mark } from '../support/evidence.js';

const LOAD_MS = 20_000;
const KILL = { verb: 'kill', target: 'any' } as const;

/** One request each 20 ms. */
const planned = Array.from({ length: LOAD_MS / 20 }, (_, index) => 20 * index);

/** Each is answered 10 ms later, or when the outage is over in which it came. */
function answered(...outages: readonly (readonly [number, number])[]): readonly number[] {
  const end = (atMs: number): number => outages.find(([from, to]) => atMs >= from && atMs < to)?.[1] ?? atMs;
  return planned.map((atMs) => end(atMs) + 10).sort((a, b) => a - b);
}

function recoveryOf(input: Partial<RecoveryInput>) {
  return recoveries({
    marks: [],
    plannedAtMs: planned,
    okAtMs: answered(),
    tasks: [],
    loadMs: LOAD_MS,
    ...input,
  });
}

const killAt = (atMs: number) => mark('kill any', KILL, { atMs, overAtMs: atMs });

describe('recovery', () => {
  it('takes no time where nobody noticed', () => {
    expect(recoveryOf({ marks: [killAt(5000)] })).toMatchObject([
      { throughputMs: 0, underWay: 0, underWayMs: 0 },
    ]);
  });

  it('lasts from the fault until throughput is back', () => {
    const [recovery] = recoveryOf({ marks: [killAt(5000)], okAtMs: answered([5000, 8000]) });
    // In the second from 7000 on, what had gathered is answered all at once.
    expect(recovery?.throughputMs).toBeGreaterThan(2000);
    expect(recovery?.throughputMs).toBeLessThanOrEqual(3000);
  });

  it('counts a dip that begins late, while the effect lasts', () => {
    const cut = mark('cut stack for 6s', { verb: 'cut', forMs: 6000 }, { atMs: 4000, overAtMs: 10_000 });
    const [recovery] = recoveryOf({ marks: [cut], okAtMs: answered([9000, 11_000]) });
    expect(recovery?.throughputMs).toBeGreaterThan(5000);
    expect(recovery?.throughputMs).toBeLessThanOrEqual(7000);
  });

  it('lasts until the last of several dips is over', () => {
    const [recovery] = recoveryOf({ marks: [killAt(5000)], okAtMs: answered([5000, 6500], [8000, 9500]) });
    expect(recovery?.throughputMs).toBeGreaterThan(3000);
    expect(recovery?.throughputMs).toBeLessThanOrEqual(4500);
  });

  it('leaves to the next fault what begins with it', () => {
    const marks = [killAt(5000), killAt(9000)];
    const found = recoveryOf({ marks, okAtMs: answered([9000, 12_000]) });
    expect(found[0]?.throughputMs).toBe(0);
    expect(found[1]?.throughputMs).toBeGreaterThan(2000);
  });

  it('is none where throughput is not back when the load ends', () => {
    const okAtMs = answered([15_000, 60_000]);
    expect(recoveryOf({ marks: [killAt(15_000)], okAtMs })[0]?.throughputMs).toBeUndefined();
  });

  it('is of faults alone: not of healing, nor of what could not be done', () => {
    const marks = [mark('heal', { verb: 'heal' }), mark('kill any', KILL, { problem: 'there is none' })];
    expect(recoveryOf({ marks })).toEqual([]);
  });

  it('tells when the last task that was under way was final', () => {
    const tasks = [
      { acceptedAtMs: 4000, finalAtMs: 4500 },
      { acceptedAtMs: 4900, finalAtMs: 5100 },
      { acceptedAtMs: 4950, finalAtMs: 7000 },
      { acceptedAtMs: 5200, finalAtMs: 9000 },
    ];
    expect(recoveryOf({ marks: [killAt(5000)], tasks })).toMatchObject([{ underWay: 2, underWayMs: 2000 }]);
    const never = [...tasks, { acceptedAtMs: 4999, finalAtMs: undefined }];
    expect(recoveryOf({ marks: [killAt(5000)], tasks: never })).toMatchObject([
      { underWay: 3, underWayMs: undefined },
    ]);
  });
});

describe('stop conditions', () => {
  const HEAD = 'name: one\ndescription: x\nload: { rate: 50, for: 20s }\n';
  const { stop } = readExperiment('x', `${HEAD}stop: { successBelow: 0.5, for: 5s, longerThan: 1m }\n`);

  function tallyOf(okAtMs: readonly number[]): Tally {
    const tally = new Tally(planned);
    for (const atMs of okAtMs) tally.count({ kind: 'ok', atMs, latencyMs: 10 });
    return tally;
  }

  it('are not met while enough is answered well', () => {
    expect(reasonToStop(stop, tallyOf(answered()), 12_000)).toBeUndefined();
  });

  it('are met when too little is, though not before there was time for it', () => {
    const tally = tallyOf(answered([0, 60_000]));
    expect(reasonToStop(stop, tally, 4000)).toBeUndefined();
    expect(reasonToStop(stop, tally, 6000)).toBe(
      'over 5.0 s 0 % of what was planned was answered well, less than 50.0 %',
    );
  });

  it('do not mistake a plan that is over for a failure', () => {
    expect(reasonToStop(stop, tallyOf(answered()), 30_000)).toBeUndefined();
  });

  it('are met when it takes too long', () => {
    expect(reasonToStop(stop, tallyOf(answered()), 61_000)).toBe('it took longer than 1.0 min');
  });
});

describe('a tally', () => {
  it('counts what happened in each second, and latencies from the planned time', () => {
    const tally = new Tally([0, 100, 1500]);
    tally.count({ kind: 'sent', atMs: 5 });
    tally.count({ kind: 'unknown', atMs: 900 });
    tally.count({ kind: 'retried', atMs: 1100 });
    tally.count({ kind: 'ok', atMs: 1200, latencyMs: 1200 });
    tally.count({ kind: 'failed', atMs: 1300, latencyMs: 40 });
    expect(tally.seconds()).toEqual([
      {
        second: 0,
        planned: 2,
        sent: 1,
        ok: 0,
        failed: 0,
        retried: 0,
        rejected: 0,
        unreached: 0,
        unknown: 1,
        p50Ms: undefined,
        p99Ms: undefined,
      },
      {
        second: 1,
        planned: 1,
        sent: 0,
        ok: 1,
        failed: 1,
        retried: 1,
        rejected: 0,
        unreached: 0,
        unknown: 0,
        p50Ms: 40,
        p99Ms: 1200,
      },
    ]);
    expect(tally.total('unknown')).toBe(1);
  });
});
