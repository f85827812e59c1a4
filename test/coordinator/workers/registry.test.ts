import { beforeEach, describe, expect, it } from 'vitest';
import { InvariantViolatedError } from '../../../contracts/common/invariant.js';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import { workerViews } from '../../../contracts/worker/worker-view.js';
import { ManualClock } from '../../support/manual-clock.js';
import { beatOf } from './support/workers.js';

const SLOTS = 2;
const HOUR_MS = 3_600_000;

let clock: ManualClock;
let registry: WorkerRegistry;
const stateOf = (id: string) => registry.all().find((worker) => worker.id === id)?.state;

beforeEach(() => {
  clock = new ManualClock();
  registry = new WorkerRegistry(clock, SLOTS);
  registry.recordBeat(beatOf(clock, 'worker-1'));
  registry.recordBeat(beatOf(clock, 'worker-2'));
});

describe('a heartbeat', () => {
  it('tells whether the worker is new or came back as another process', () => {
    expect(registry.recordBeat(beatOf(clock, 'worker-3'))).toBe(true);
    expect(registry.recordBeat(beatOf(clock, 'worker-3'))).toBe(false);
    expect(registry.recordBeat(beatOf(clock, 'worker-3', { startedAt: '2026-02-02T00:00:00.000Z' }))).toBe(
      true,
    );
  });

  it('that was heard elsewhere before the one that is known changes nothing', () => {
    clock.advance(1000);
    registry.recordBeat(beatOf(clock, 'worker-1', { state: 'draining' }));
    registry.recordRemoteBeat({ ...beatOf(clock, 'worker-1'), silentMs: 500 });
    expect(stateOf('worker-1')).toBe('draining');
  });

  it.each([-HOUR_MS, HOUR_MS])('is fresh or old whatever the wall clock does: a step by %i ms', (stepMs) => {
    clock.step(stepMs);
    expect(stateOf('worker-1')).toBe('up');
    clock.advance(3500);
    expect(stateOf('worker-1')).toBe('down');
  });

  it('from another address is that of the worker from then on, after a step back as well', () => {
    clock.step(-HOUR_MS);
    registry.recordBeat(beatOf(clock, 'worker-1', { address: 'http://moved.test' }));
    expect(registry.all()[0]?.address).toBe('http://moved.test');
  });

  it('from another address that others heard waits until the worker is down', () => {
    const moved = () => ({ ...beatOf(clock, 'worker-1', { address: 'http://moved.test' }), silentMs: 0 });
    clock.advance(1000);
    registry.recordRemoteBeat(moved());
    expect(registry.all()[0]?.address).toBe('http://worker-1.test');
    clock.advance(2500);
    registry.recordRemoteBeat(moved());
    expect(registry.all()[0]?.address).toBe('http://moved.test');
  });

  it('keeps count of what runs at the worker', () => {
    registry.occupy('worker-1');
    registry.recordBeat(beatOf(clock, 'worker-1', { inFlight: 5 }));
    expect(registry.all()[0]).toMatchObject({ busySlots: 1, reportedInFlight: 5 });
  });

  it('that stays away makes a worker suspect, then down, and brings it back', () => {
    clock.advance(1500);
    expect(stateOf('worker-1')).toBe('suspect');
    expect(registry.upCount()).toBe(0);
    clock.advance(2000);
    expect(stateOf('worker-1')).toBe('down');
    registry.recordBeat(beatOf(clock, 'worker-1'));
    expect(stateOf('worker-1')).toBe('up');
  });
});

describe('a worker whose function does not answer', () => {
  it.each([{ unresponsiveMs: 2001 }, { unresponsiveMs: 0, functionState: 'restarting' as const }])(
    'is suspect and gets no work: %j',
    (change) => {
      registry.recordBeat(beatOf(clock, 'worker-1', change));
      expect(stateOf('worker-1')).toBe('suspect');
      expect(registry.healthReasonOf('worker-1')).toEqual({ reason: 'unresponsive' });
      expect(registry.upCount()).toBe(1);
      expect(registry.withFreeSlot().map(({ id }) => id)).toEqual(['worker-2']);
      registry.recordBeat(beatOf(clock, 'worker-1', { unresponsiveMs: 0, functionState: 'running' }));
      expect(stateOf('worker-1')).toBe('up');
      expect(registry.healthReasonOf('worker-1')).toBeUndefined();
    },
  );

  it('is up as long as it may only be busy', () => {
    registry.recordBeat(beatOf(clock, 'worker-1', { unresponsiveMs: 2000 }));
    expect(stateOf('worker-1')).toBe('up');
  });

  it('is shown so, whatever a coordinator wrote down', () => {
    const record = beatOf(clock, 'worker-1', { unresponsiveMs: 3000 });
    expect(workerViews([{ ...record, silentMs: 0 }])).toMatchObject([
      { state: 'suspect', reason: 'unresponsive' },
    ]);
  });
});

describe('slots', () => {
  it('are free at workers that are up, less those in use', () => {
    expect(registry.freeSlots()).toBe(4);
    registry.occupy('worker-1');
    registry.occupy('worker-1');
    registry.occupy('worker-2');
    expect(registry.freeSlots()).toBe(1);
    expect(registry.withFreeSlot().map(({ id }) => id)).toEqual(['worker-2']);
    registry.vacate('worker-1');
    expect(registry.freeSlots()).toBe(2);
  });

  it('are not free at workers that drain or are silent', () => {
    registry.recordBeat(beatOf(clock, 'worker-1', { state: 'draining' }));
    expect(registry.freeSlots()).toBe(SLOTS);
    clock.advance(1500);
    expect(registry.freeSlots()).toBe(0);
  });

  it('are neither taken nor given up of a worker that nobody knows, or that has none occupied', () => {
    expect(() => registry.occupy('stranger')).toThrow(InvariantViolatedError);
    expect(() => registry.vacate('stranger')).toThrow(InvariantViolatedError);
    expect(() => registry.vacate('worker-1')).toThrow(InvariantViolatedError);
    expect(registry.freeSlots()).toBe(4);
  });
});

describe('a worker that refused a connection', () => {
  beforeEach(() => registry.recordRefusedConnection('worker-1'));

  it('is suspect at once, and a heartbeat alone does not bring it back', () => {
    expect(stateOf('worker-1')).toBe('suspect');
    registry.recordBeat(beatOf(clock, 'worker-1'));
    expect(stateOf('worker-1')).toBe('suspect');
    expect(registry.withFreeSlot().map(({ id }) => id)).toEqual(['worker-2']);
  });

  it('is up again once it answered a probe', () => {
    expect(registry.toProbe()).toEqual([{ id: 'worker-1', address: 'http://worker-1.test' }]);
    registry.recordProbeAnswer('worker-1');
    expect(stateOf('worker-1')).toBe('up');
    expect(registry.toProbe()).toEqual([]);
  });

  it('is not probed while it is down, and again when it beats', () => {
    clock.advance(3500);
    expect(registry.toProbe()).toEqual([]);
    registry.recordBeat(beatOf(clock, 'worker-1', { address: 'http://moved.test' }));
    expect(registry.toProbe()).toEqual([{ id: 'worker-1', address: 'http://moved.test' }]);
  });

  it('shows as draining or down where it is that', () => {
    registry.recordBeat(beatOf(clock, 'worker-1', { state: 'draining' }));
    expect(stateOf('worker-1')).toBe('draining');
    clock.advance(3500);
    expect(stateOf('worker-1')).toBe('down');
  });
});

describe('listeners', () => {
  it('hear of everything by which a slot may have become free', () => {
    let heard = 0;
    registry.onChange(() => (heard += 1));
    registry.recordBeat(beatOf(clock, 'worker-1'));
    registry.occupy('worker-1');
    registry.recordRefusedConnection('worker-1');
    expect(heard).toBe(1);
    registry.vacate('worker-1');
    registry.recordProbeAnswer('worker-1');
    expect(heard).toBe(3);
  });
});
