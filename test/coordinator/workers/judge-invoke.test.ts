import { NOTHING_OUTSTANDING } from '../../support/nothing-outstanding.js';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskOutcome } from '../../../coordinator/batch/commit-delivery.js';
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import { StatsRecorder } from '../../../coordinator/stats/stats-recorder.js';
import { judgeInvoke } from '../../../coordinator/workers/judge-invoke.js';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import { FAILURES_TO_EJECT, TRIALS_TO_RETURN } from '../../../coordinator/workers/worker-health.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryStatsStore } from '../../support/memory-stack.js';
import { memoryLogger, type LogLine } from '../../support/running-coordinator.js';
import { newBatch, succeeded } from '../batch/support/batch-moves.js';
import { beatOf } from './support/workers.js';

const HTTP_500 = { code: 'http_500' };
const failure = (code: string): TaskOutcome => ({
  status: 'failed',
  error: { code, message: 'planned' },
  retryable: true,
});

let clock: ManualClock;
let registry: WorkerRegistry;
let statistics: MemoryStatsStore;
let stats: StatsRecorder;
let log: LogLine[];
let serial = 0;

beforeEach(() => {
  clock = new ManualClock();
  registry = new WorkerRegistry(clock, 2);
  for (const id of ['worker-1', 'worker-2', 'worker-3']) registry.recordBeat(beatOf(clock, id));
  log = [];
  statistics = new MemoryStatsStore();
  stats = new StatsRecorder(
    { clock, stats: statistics, logger: memoryLogger(log) },
    'c',
    NOTHING_OUTSTANDING,
  );
});

const anotherBatch = (): BatchDocument => ({ ...newBatch(), id: `batch-${(serial += 1)}` });
const judge = (outcomes: readonly TaskOutcome[], error?: { code: string }, batch = anotherBatch()) =>
  judgeInvoke(
    { registry, stats, logger: memoryLogger(log) },
    { workerId: 'worker-1', batch, startedAt: clock.monotonic(), outcomes, error },
  );
const often = (call: () => void, times = FAILURES_TO_EJECT) => Array.from({ length: times }, call);
const isEjected = () => registry.healthReasonOf('worker-1') !== undefined;

describe('a worker is ejected', () => {
  it('where it brings no usable answer', async () => {
    often(() => judge([failure('http_500')], HTTP_500));
    expect(isEjected()).toBe(true);
    const fields = { workerId: 'worker-1', forMs: 1000, times: 1, code: 'http_500' };
    expect(log).toEqual([{ event: 'worker.ejected', fields }]);
    await stats.start()();
    expect(statistics.rows).toMatchObject([
      { counts: { ejections: 1 }, events: [{ name: 'worker.ejected', fields }] },
    ]);
  });

  it.each(['function_failed', 'missing_outcome'])('where all it answers is %s', (code) => {
    often(() => judge([failure(code), failure(code)]));
    expect(isEjected()).toBe(true);
  });

  it('and readmitted, which is told', () => {
    often(() => judge([], HTTP_500));
    clock.advance(1000);
    registry.recordProbeAnswer('worker-1');
    often(() => judge([succeeded]), TRIALS_TO_RETURN);
    expect(log.at(-1)).toEqual({ event: 'worker.readmitted', fields: { workerId: 'worker-1' } });
  });
});

describe('a worker is not ejected', () => {
  it.each([
    ['tasks that failed each for itself', [failure('injected_partial'), failure('injected_partial')]],
    ['some tasks that failed', [failure('function_failed'), succeeded]],
    ['what it gave back untried', [{ status: 'released' }] as const],
    ['a task that expired', [{ status: 'expired' }] as const],
  ])('for %s', (_what, outcomes) => {
    often(() => judge(outcomes), 50);
    expect(isEjected()).toBe(false);
  });

  it('for what failed at another worker before: a poisonous text takes one after the other with it', () => {
    const invoke = {
      workerId: 'worker-2',
      taskIndexes: [0],
      startedAtMs: 1,
      endedAtMs: 2,
      error: { code: 'x', message: '' },
    };
    const delivery = {
      messageId: 'm',
      receiveCount: 1,
      number: 1,
      coordinatorId: 'c',
      taskIndexes: [0],
      startedAtMs: 1,
      endedAtMs: 2,
      outcome: 'failed' as const,
      invokes: [invoke],
    };
    const poisoned = () => ({ ...anotherBatch(), deliveries: { 'm/1': delivery } });
    often(() => judge([], HTTP_500, poisoned()), 50);
    expect(isEjected()).toBe(false);
    const mine = { ...delivery, invokes: [{ ...invoke, workerId: 'worker-1' }] };
    often(() => judge([], HTTP_500, { ...anotherBatch(), deliveries: { 'm/1': mine } }));
    expect(isEjected()).toBe(true);
  });
});
