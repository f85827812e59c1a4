import { describe, expect, it } from 'vitest';
import { HEARTBEAT_INTERVAL_MS, heartbeatSchema, workerState } from '../../../contracts/worker/worker.js';
import { workerViews } from '../../../contracts/worker/worker-view.js';
import { heartbeatOf } from '../../support/running-coordinator.js';

const stateAfter = (silentMs: number, state: 'up' | 'draining' = 'up') => workerState(state, silentMs);

describe('workerState', () => {
  it.each([
    [0, 'up'],
    [HEARTBEAT_INTERVAL_MS, 'up'],
    [1499, 'up'],
    [1500, 'suspect'],
    [3499, 'suspect'],
    [3500, 'down'],
    [60_000, 'down'],
  ])('of a worker that was silent for %i ms is %s', (silentMs, state) => {
    expect(stateAfter(silentMs)).toBe(state);
  });

  it('is draining while a worker that stops still beats, and down when it has gone', () => {
    expect(stateAfter(0, 'draining')).toBe('draining');
    expect(stateAfter(2000, 'draining')).toBe('draining');
    expect(stateAfter(3500, 'draining')).toBe('down');
  });
});

describe('heartbeatSchema', () => {
  it('takes what workers send', () => {
    expect(heartbeatSchema.parse(heartbeatOf('worker-1'))).toEqual(heartbeatOf('worker-1'));
  });

  it.each([
    { address: 'file:///etc/passwd' },
    { address: 'somewhere' },
    { state: 'down' },
    { inFlight: -1 },
    { served: 1.5 },
    { p50Ms: Number.NaN },
    { startedAt: 'yesterday' },
  ])('refuses %o', (change) => {
    expect(heartbeatSchema.safeParse({ ...heartbeatOf('worker-1'), ...change }).success).toBe(false);
  });
});

describe('workerViews', () => {
  it('shows no proof of the address, which only coordinators need', () => {
    const record = { ...heartbeatOf('worker-1'), id: 'worker-1', heartbeatAtMs: 1, proof: 'secret' };
    expect(JSON.stringify(workerViews([{ ...record, silentMs: 0 }]))).not.toContain('secret');
  });
});
