import { describe, expect, it } from 'vitest';
import type { WorkerView } from '../../../../contracts/worker/worker-view.js';
import { WorkerStateHistory } from '../../../../coordinator/dashboard/page/worker-state-history.js';

const view = (state: WorkerView['state'], startedAtMs: number): WorkerView => ({
  id: 'worker-1',
  address: 'http://worker-1.test',
  state,
  inFlight: 0,
  served: 0,
  failed: 0,
  p50Ms: 0,
  p95Ms: 0,
  faults: 'none',
  model: 'fake',
  startedAt: new Date(startedAtMs).toISOString(),
  heartbeatAgeMs: 0,
});
const change = (atMs: number, before: string, state: string) => ({
  atMs,
  name: 'worker.state',
  fields: { workerId: 'worker-1', before, state },
});
const started = (atMs: number) => ({ atMs, name: 'worker.registered', fields: { workerId: 'worker-1' } });
const lane = (past: WorkerStateHistory) =>
  past.periods('worker-1', 0, 10_000).map(({ state, atMs, untilMs }) => [state, atMs, untilMs]);

describe("a worker's past", () => {
  it('is what is seen, second by second', () => {
    const past = new WorkerStateHistory();
    past.recordWorkers([view('up', 1000)], 5000);
    past.recordWorkers([view('up', 1000)], 6000);
    past.recordWorkers([view('down', 1000)], 7000);
    expect(lane(past)).toEqual([
      ['up', 1000, 7000],
      ['down', 7000, 10_000],
    ]);
  });

  it('is what events say of the time before, whichever comes first', () => {
    const events = [
      started(1000),
      change(2000, 'up', 'suspect'),
      change(3000, 'suspect', 'down'),
      started(4000),
    ];
    const first = new WorkerStateHistory();
    for (const event of events) first.recordEvent(event);
    first.recordWorkers([view('up', 3900)], 8000);
    const last = new WorkerStateHistory();
    last.recordWorkers([view('up', 3900)], 8000);
    for (const event of [...events, ...events]) last.recordEvent(event);
    for (const past of [first, last]) {
      const known = lane(past).filter(([state], index, all) => state !== all[index - 1]?.[0]);
      expect(known.map(([state, atMs]) => [state, atMs])).toEqual([
        ['up', 1000],
        ['suspect', 2000],
        ['down', 3000],
        ['up', past === first ? 4000 : 3900],
      ]);
    }
  });

  it('was before its first known change what that one says', () => {
    const past = new WorkerStateHistory();
    past.recordEvent(change(2000, 'suspect', 'up'));
    expect(lane(past)).toEqual([
      ['suspect', 0, 2000],
      ['up', 2000, 10_000],
    ]);
  });
});
