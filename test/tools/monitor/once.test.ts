import { describe, expect, it } from 'vitest';
import { onceLines } from '../../../tools/monitor/once.js';
import { reportOf } from '../../../tools/monitor/report.js';
import { EMPTY_SNAPSHOT } from '../../../tools/monitor/snapshot/snapshot.js';
import { plainText } from '../../../tools/kit/terminal/styled.js';
import { NOW_MS, scene, snapshot, statsRow, task } from './support/snapshots.js';

describe('--once', () => {
  it('prints every pane, one below the other', () => {
    const text = onceLines(scene(), 100).map(plainText).join('\n');
    expect(text).toMatch(/^boomerang http:\/\/127\.0\.0\.1:4566 {2}2026-11-24T01:02:03\.400Z {2}live\n/);
    expect(text).toMatch(
      /Workers 3\/3 up\n[^]*\nQueue\n[^]*\nRates and latency\n[^]*\nTasks, newest first\n[^]*\nEvents\n/,
    );
    for (const name of ['rejected', 'outstanding', 'p90', 'failed']) expect(text).toContain(name);
  });

  it('says what keeps it from knowing anything', () => {
    const workers = { ...EMPTY_SNAPSHOT.workers, problem: 'stack unreachable: nobody listens there' };
    const [head] = onceLines(scene({ snapshot: { ...EMPTY_SNAPSHOT, workers } }), 80).map(plainText);
    expect(head).toMatch(/UNREACHABLE {2}stack unreachable: nobody listens there$/);
  });
});

describe('--json', () => {
  it('gives the figures under the names of GET /workers and GET /stats', () => {
    const event = {
      atMs: NOW_MS - 500,
      name: 'worker.state',
      fields: { workerId: 'worker-1', state: 'down' },
    };
    const report = reportOf(scene({ snapshot: snapshot({ rows: [statsRow(1, { events: [event] })] }) }));
    expect(report).toMatchObject({
      at: '2026-11-24T01:02:03.400Z',
      endpoint: 'http://127.0.0.1:4566',
      state: 'live',
      ageMs: { workers: 100, queue: 100, stats: 100, tasks: 100 },
      queue: { visible: 42, inFlight: 6, delayed: 0, deadLetters: 1 },
      oldestQueuedMs: 1500,
      outstandingTasks: 7,
      rates: { acceptedPerSecond: 2, succeededPerSecond: 1.8, failedPerSecond: 0, faultsPerSecond: 0.3 },
      events: [{ at: '2026-11-24T01:02:02.900Z', name: 'worker.state', fields: event.fields }],
    });
    expect(report.workers?.[0]).toMatchObject({
      id: 'worker-1',
      state: 'up',
      heartbeatAgeMs: 300,
      faults: 'demo',
    });
    expect(report.tasks?.[1]).toEqual(task(1));
    expect(report.latency.p99Ms).toBeGreaterThan(800);
  });

  it('says null of what it could not read', () => {
    const report = reportOf(scene({ snapshot: EMPTY_SNAPSHOT }));
    expect(report).toMatchObject({
      state: 'connecting',
      ageMs: { workers: null },
      workers: null,
      queue: { visible: null, inFlight: null, delayed: null, deadLetters: null },
      oldestQueuedMs: null,
      outstandingTasks: null,
      latency: { p50Ms: null },
      tasks: null,
    });
    expect(new Set(Object.values(report.rates))).toEqual(new Set([null]));
  });
});
