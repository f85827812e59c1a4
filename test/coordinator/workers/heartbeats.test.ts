import { beforeEach, describe, expect, it } from 'vitest';
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import type { Heartbeat } from '../../../contracts/worker/worker.js';
import { StatsRecorder } from '../../../coordinator/stats/stats-recorder.js';
import { AddressProofs } from '../../../coordinator/workers/address-proofs.js';
import { Heartbeats } from '../../../coordinator/workers/heartbeats.js';
import { readWorkers } from '../../../coordinator/workers/read-workers.js';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryStatsStore, MemoryWorkerStore } from '../../support/memory-stack.js';
import { heartbeatOf, memoryLogger, type LogLine } from '../../support/running-coordinator.js';

const HOUR_MS = 3_600_000;
const ID = 'worker-1';

let workers: MemoryWorkerStore;
let clocks: ManualClock[];

beforeEach(() => {
  workers = new MemoryWorkerStore();
  clocks = [];
});

/** A coordinator on a machine of its own, as far as it hears of workers. */
function machine(offsetMs = 0, proofs?: AddressProofs) {
  const clock = new ManualClock(offsetMs);
  clock.advance(clocks[0] === undefined ? 0 : clocks[0].monotonic() - clock.monotonic());
  clocks.push(clock);
  const log: LogLine[] = [];
  const logger = memoryLogger(log);
  const registry = new WorkerRegistry(clock, 2);
  const stats = new StatsRecorder({ clock, stats: new MemoryStatsStore(), logger }, 'c', {
    outstandingTasks: 0,
    outstandingBytes: 0,
  });
  const heartbeats = new Heartbeats({ clock, workers, proofs, registry, stats, logger });
  const registered: StatsEvent['fields'][] = [];
  stats.event = (_name, fields) => void registered.push(fields);
  let beats = 0;
  return {
    clock,
    registry,
    heartbeats,
    registered: () => registered,
    starts: () => log.filter(({ event }) => event === 'worker.registered').length,
    beat: (change: Partial<Heartbeat> = {}) =>
      heartbeats.beat(ID, { ...heartbeatOf(ID), beat: (beats += 1), ...change }),
    shown: async () => (await readWorkers({ workers, sightings: heartbeats.sightings })).workers[0],
    seen: () => registry.all().find(({ id }) => id === ID),
  };
}

/** So many seconds in which something happens, the same on all machines. */
async function seconds(count: number, each: () => Promise<unknown>): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    for (const clock of clocks) clock.advance(1000);
    await each();
  }
}

describe.each([-HOUR_MS, -10_000, -5000, 5000, 10_000, HOUR_MS])(
  'a coordinator whose clock differs by %i ms from that of the one that hears a worker',
  (offsetMs) => {
    it('sees it up within a second, and down when it falls silent', async () => {
      const here = machine();
      const there = machine(offsetMs);
      await here.beat();
      await there.heartbeats.refresh();
      await seconds(3, async () => {
        await here.beat();
        await there.heartbeats.refresh();
        expect(there.seen()?.state).toBe('up');
        expect(await there.shown()).toMatchObject({ state: 'up', heartbeatAgeMs: 0 });
      });
      await seconds(4, () => there.heartbeats.refresh());
      expect(there.seen()?.state).toBe('down');
      expect(await there.shown()).toMatchObject({ state: 'down', heartbeatAgeMs: 4000 });
    });
  },
);

describe.each([-HOUR_MS, HOUR_MS])('a step of the clock by %i ms', (stepMs) => {
  it('leaves who beats up, and who is silent goes down', async () => {
    const { clock, beat, heartbeats, seen, shown } = machine();
    await beat();
    await heartbeats.refresh();
    clock.step(stepMs);
    expect((await shown())?.state).toBe('up');
    await seconds(4, () => heartbeats.refresh());
    expect(seen()?.state).toBe('down');
    expect((await shown())?.state).toBe('down');
  });

  it('does not hide who came back', async () => {
    const { clock, beat, seen, shown } = machine();
    await beat();
    clock.step(stepMs);
    await beat();
    expect(seen()?.state).toBe('up');
    expect((await shown())?.state).toBe('up');
  });
});

describe('what lies in the table when a coordinator starts', () => {
  it('is believed where it is plausible', async () => {
    await machine().beat();
    expect((await machine().shown())?.state).toBe('up');
  });

  it('counts as down where its time lies in the future, until it changes', async () => {
    const other = machine(HOUR_MS);
    await other.beat();
    const { shown } = machine();
    expect((await shown())?.state).toBe('down');
    await seconds(1, () => other.beat());
    expect((await shown())?.state).toBe('up');
  });

  it('may be a record that landed late: that is no sign of life', async () => {
    const { beat, shown, heartbeats } = machine();
    await beat();
    const late = workers.records.get(ID);
    await beat();
    if (late !== undefined) await workers.put(late);
    await seconds(4, () => heartbeats.refresh());
    expect((await shown())?.state).toBe('down');
  });
});

describe('a start of a worker', () => {
  const restarted = { startedAt: '2026-02-02T00:00:00.000Z' };

  it('is told once, though the table still says for a moment what the process before it said', async () => {
    const { beat, clock, heartbeats, starts, shown } = machine();
    await beat();
    await beat({ beat: 7 });
    const late = workers.records.get(ID);
    await beat({ ...restarted, beat: 0 });
    if (late !== undefined) await workers.put(late);
    clock.advance(100);
    await heartbeats.refresh();
    await beat({ ...restarted, beat: 1 });
    expect(starts()).toBe(2);
    expect(await shown()).toMatchObject({ state: 'up', ...restarted });
  });

  it('is none where another coordinator hears a worker that seemed down', async () => {
    const one = machine();
    await one.beat();
    await seconds(5, () => Promise.resolve());
    const next = machine();
    await next.heartbeats.refresh();
    expect(next.heartbeats.sightings.leastSilentMs()).toBe(5000);
    await next.beat();
    expect(one.registered()).toEqual([{ workerId: ID, process: 'new' }]);
    expect(next.registered()).toEqual([{ workerId: ID, process: 'known' }]);
  });

  it('does not hide the process before it, should that one go on', async () => {
    const here = machine();
    const there = machine();
    await here.beat({ beat: 7 });
    await there.heartbeats.refresh();
    await here.beat({ ...restarted, beat: 0 });
    await there.heartbeats.refresh();
    let count = 7;
    await seconds(5, async () => {
      await here.beat({ beat: (count += 1) });
      await there.heartbeats.refresh();
    });
    expect(await there.shown()).toMatchObject({ state: 'up', heartbeatAgeMs: 0 });
  });
});

describe("a worker's id", () => {
  const elsewhere = { address: 'http://elsewhere.test', startedAt: '2026-02-02T00:00:00.000Z' };

  it('stays with its first address as long as somebody beats from there', async () => {
    const { beat, seen, heartbeats } = machine();
    await beat();
    await seconds(5, async () => {
      await heartbeats.refresh();
      await expect(beat(elsewhere)).rejects.toMatchObject({ code: 'worker_id_taken' });
      await beat();
    });
    expect(seen()?.address).toBe('http://worker-1.test');
  });

  it.each([0, -HOUR_MS, HOUR_MS])(
    'goes to who beats when it is down, after a step by %i ms',
    async (stepMs) => {
      const { clock, beat, seen, shown, heartbeats } = machine();
      await beat();
      clock.step(stepMs);
      await seconds(4, () => heartbeats.refresh());
      await beat(elsewhere);
      expect(seen()).toMatchObject({ state: 'up', address: elsewhere.address });
      expect(await shown()).toMatchObject({ state: 'up', address: elsewhere.address });
    },
  );

  it('goes at once to who beats where its worker refuses connections', async () => {
    const { beat, registry, seen } = machine();
    await beat();
    registry.recordRefusedConnection(ID);
    await beat(elsewhere);
    expect(seen()?.address).toBe(elsewhere.address);
  });

  it('goes at once to a process that was started again at the same address', async () => {
    const { beat, seen } = machine();
    await beat();
    await beat({ startedAt: elsewhere.startedAt });
    expect(seen()?.state).toBe('up');
  });

  it('is known to be taken by who beats at another coordinator, and changes hands for both', async () => {
    const one = machine();
    const other = machine(HOUR_MS);
    await one.beat();
    await seconds(2, async () => {
      await one.beat();
      await other.heartbeats.refresh();
    });
    await expect(other.beat(elsewhere)).rejects.toMatchObject({ code: 'worker_id_taken' });
    await seconds(4, () => Promise.all([one.heartbeats.refresh(), other.heartbeats.refresh()]));
    await other.beat(elsewhere);
    await one.heartbeats.refresh();
    expect(one.seen()).toMatchObject({ state: 'up', address: elsewhere.address });
    expect(other.seen()).toMatchObject({ state: 'up', address: elsewhere.address });
  });

  it('does not change hands while nobody can look who beats elsewhere', async () => {
    const { beat } = machine();
    await beat();
    await seconds(10, () => Promise.resolve());
    await expect(beat(elsewhere)).rejects.toMatchObject({ code: 'worker_id_taken' });
  });
});

describe('a record in the table', () => {
  const proofs = new AddressProofs('the token of the workers');

  it('is believed of a coordinator that has the worker token, though it was not heard here', async () => {
    const heard = machine(0, proofs);
    const other = machine(0, proofs);
    await heard.beat();
    await other.heartbeats.refresh();
    expect(other.seen()?.state).toBe('up');
  });

  it.each([
    ['no proof', undefined, {}],
    ['the proof of another token', new AddressProofs('another'), {}],
    ['the proof of another address', proofs, { address: 'http://127.0.0.1:1' }],
    ['the proof of another id', proofs, { id: 'worker-9' }],
  ])('with %s gets no work', async (_what, writers, change) => {
    const writer = machine(0, writers);
    await writer.beat();
    const [record] = await workers.list();
    if (record === undefined) throw new Error('the beat was written');
    await workers.put({ ...record, ...change });
    const reader = machine(0, proofs);
    await reader.heartbeats.refresh();
    const ids = Object.keys(change).includes('id') ? ['worker-9'] : [ID, 'worker-9'];
    expect(reader.registry.all().filter(({ id }) => ids.includes(id))).toEqual([]);
  });
});
