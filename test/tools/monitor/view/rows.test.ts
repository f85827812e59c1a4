import { describe, expect, it } from 'vitest';
import type { StatsEvent } from '../../../../contracts/stats/stats.js';
import { INITIAL_STATE } from '../../../../tools/monitor/ui/state.js';
import { eventRows } from '../../../../tools/monitor/view/event-rows.js';
import { describeEvent, describeRow } from '../../../../tools/monitor/view/describe-events.js';
import { keysOf, rowsOf, taskOfEvent } from '../../../../tools/monitor/view/rows.js';
import { NOW_MS, openTask, snapshot, statsRow, task, workerRecord } from '../support/snapshots.js';

const none = INITIAL_STATE.filters;
const failed = (msAgo: number, workerId: string, fault?: string): StatsEvent => ({
  atMs: NOW_MS - msAgo,
  name: 'delivery.failed',
  fields: {
    batchId: `batch-${msAgo}`,
    workerId,
    delivery: 1,
    outcome: 'failed',
    error: 'http_500: on purpose',
    ...(fault === undefined ? {} : { fault }),
  },
});
const state = (msAgo: number, workerId: string, before: string, after: string): StatsEvent => ({
  atMs: NOW_MS - msAgo,
  name: 'worker.state',
  fields: { workerId, before, state: after },
});

describe('workers', () => {
  it('are judged as GET /workers judges them, by the time of the read', () => {
    const workers = [
      workerRecord('worker-10'),
      workerRecord('worker-9', { heartbeatAtMs: NOW_MS - 2200 }),
      workerRecord('worker-2', { suspicion: { reason: 'ejected', ejectedUntilMs: NOW_MS + 4000 } }),
      workerRecord('worker-1', { heartbeatAtMs: NOW_MS - 8000 }),
      workerRecord('gone', { heartbeatAtMs: NOW_MS - 3_700_000 }),
    ];
    const rows = rowsOf(snapshot({ workers }), { filters: none });
    expect(rows.workers.map(({ id, state: is, reason }) => [id, is, reason])).toEqual([
      ['worker-1', 'down', undefined],
      ['worker-2', 'suspect', 'ejected'],
      ['worker-9', 'suspect', undefined],
      ['worker-10', 'up', undefined],
    ]);
  });

  it('do not go down because we cannot read', () => {
    const rows = rowsOf(snapshot(), { filters: none });
    expect(rows.workers.map((worker) => worker.state)).toEqual(['up', 'up', 'up']);
  });
});

describe('a filter', () => {
  const shown = (tasks: string) => {
    const history = [
      { number: 1, workerId: 'worker-7', startedAt: '', outcome: 'failed' as const, fault: 'hang' },
    ];
    const all = [
      openTask(0),
      task(1, { history }),
      task(2, {
        label: 'NEGATIVE',
        history: [{ number: 1, startedAt: '', outcome: 'lost' }, ...task(2).history],
      }),
    ];
    const rows = rowsOf(snapshot({ tasks: all }), { filters: { ...none, tasks } });
    return rows.tasks.map(({ requestId }) => requestId);
  };

  it.each([
    ['', ['request-0', 'request-1', 'request-2']],
    ['queued', ['request-0']],
    ['NUMBER 1.', ['request-1']],
    ['hang', ['request-1']],
    ['worker-7 positive', ['request-1']],
    ['negative succeeded', ['request-2']],
    ['negative queued', []],
    ['request-2', ['request-2']],
    ['failed', []],
    ['retried', ['request-2']],
    ['lost', ['request-2']],
  ])('of %j leaves %j', (filter, expected) => {
    expect(shown(filter)).toEqual(expected);
  });

  it('is of one list only', () => {
    const rows = rowsOf(snapshot(), { filters: { ...none, workers: 'worker-2' } });
    expect(keysOf(rows, 'workers')).toEqual(['worker-2']);
    expect(rows.workersUp).toBe('3/3 up');
    expect(rows.tasks).toHaveLength(3);
  });
});

describe('events', () => {
  const rowsOfEvents = (...events: readonly StatsEvent[]) =>
    eventRows(snapshot({ rows: [statsRow(1, { events })] }));

  it('are newest first, those that the monitor noticed among them', () => {
    const noticed = [{ atMs: NOW_MS - 50, name: 'worker.restarted', fields: { workerId: 'worker-1' } }];
    const before = snapshot({ rows: [statsRow(1, { events: [state(200, 'worker-1', 'up', 'down')] })] });
    const words = eventRows({ ...before, noticed }).map((row) => describeRow(row, '->').text);
    expect(words).toEqual(['worker-1 runs in a new process', 'worker-1 is down, was up']);
  });

  it('that come by the dozen share a row, and leave those of workers to be seen', () => {
    // 1:02:03.4: all within one span of five seconds
    const rows = rowsOfEvents(
      failed(100, 'worker-2', 'error'),
      state(200, 'worker-3', 'up', 'down'),
      failed(300, 'worker-1,worker-2', 'error'),
      failed(400, 'worker-1', 'drop'),
      failed(500, 'worker-1', 'error'),
    );
    expect(rows.map((row) => describeRow(row, '->'))).toEqual([
      { text: '3 deliveries failed: http_500 (worker-1, worker-2)', style: 'bad', fault: 'error' },
      { text: 'worker-3 is down, was up', style: 'bad' },
      { text: 'worker-1 failed delivery 1: http_500', style: 'bad', fault: 'drop' },
    ]);
  });

  it('keep their row while others of the kind come in', () => {
    const [before] = rowsOfEvents(failed(500, 'worker-1', 'error'));
    const [after] = rowsOfEvents(failed(100, 'worker-1', 'error'), failed(500, 'worker-1', 'error'));
    expect(after?.key).toBe(before?.key);
  });

  it('lead to the task that they are about', () => {
    const rows = rowsOf(snapshot({ rows: [statsRow(1, { events: [failed(100, 'worker-1')] })] }), {
      filters: none,
    });
    expect(taskOfEvent(rows, keysOf(rows, 'events')[0] ?? '')).toBe('batch-100-0');
    expect(taskOfEvent(rows, 'another')).toBeUndefined();
  });

  it.each([
    ['worker.state', { workerId: 'w', before: 'down', state: 'up' }, 'w is up, was down', 'good'],
    [
      'worker.ejected',
      { workerId: 'w', forMs: 2000, code: 'http_500' },
      'w was ejected for 2000 ms: http_500',
      'bad',
    ],
    ['faults.changed', { workerId: 'w', fault: 'storm' }, 'w injects faults: storm', 'fault'],
    ['faults.changed', { workerId: 'w', fault: 'none' }, 'w injects no faults any more', 'good'],
    ['delivery.lost', { batchId: 'b', delivery: 2 }, 'delivery 2 was lost: no result came back', 'bad'],
    ['worker.registered', { workerId: 'worker-1' }, 'worker-1 started', 'good'],
    ['coordinator.started', { coordinatorId: 'coordinator-1' }, 'coordinator-1 started', 'warn'],
    ['batch.dead_lettered', { tasks: 3 }, '3 tasks dead-lettered', 'bad'],
    ['batch.resent', { reason: 'presumed_lost' }, 'a message was sent again: presumed lost', 'warn'],
    ['stack.emptied', {}, 'the stack was emptied; what is held is put back', 'bad'],
    ['stack.emptied', { tables: 0, queue: 1 }, 'the queue was emptied; its messages are sent again', 'bad'],
    ['stack.emptied', { tables: 1, queue: 1 }, 'the tables were emptied; what is held is put back', 'bad'],
    ['monitor.state', { before: 'live', state: 'STALE', reason: 'why' }, 'live -> STALE: why', 'bad'],
    ['something.new', { a: 1, b: 'x' }, 'something.new a 1 b x', 'plain'],
  ])('say %s %j in words', (name, fields, text, style) => {
    expect(describeEvent({ atMs: 0, name, fields }, '->')).toMatchObject({ text, style });
  });
});
