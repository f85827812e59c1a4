import { NOTHING_OUTSTANDING } from '../../support/nothing-outstanding.js';
import { expect, it, onTestFinished } from 'vitest';
import { startReconciler } from '../../../coordinator/recovery/reconciler.js';
import { QueueProgress } from '../../../coordinator/recovery/queue-progress.js';
import { StatsRecorder } from '../../../coordinator/stats/stats-recorder.js';
import { Ledger } from '../../../coordinator/ledger/ledger.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';
import { overrideMethods } from '../../../simulation/engine/override-methods.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore, MemoryQueue, MemoryStatsStore } from '../../support/memory-stack.js';
import { memoryLogger } from '../../support/running-coordinator.js';
import { newBatch, RETENTION_MS, VISIBILITY_MS } from '../batch/support/batch-moves.js';

const LOST = 20;
const ROUND_MS = 5000;

/** A reconciler with these batches in its table, at a queue in which none of them is. */
async function reconciling(ids: readonly string[], dueInMs = 0) {
  const clock = new ManualClock();
  const queue = new MemoryQueue(clock, VISIBILITY_MS);
  const batches = new MemoryBatchStore();
  const logger = memoryLogger([]);
  const stats = new StatsRecorder({ clock, logger, stats: new MemoryStatsStore() }, 'c', NOTHING_OUTSTANDING);
  const progress = new QueueProgress(clock, VISIBILITY_MS, { coordinatorId: 'c', lastNumber: () => 0 });
  for (const id of ids) await batches.create({ ...newBatch(), id, dueAtMs: clock.now() + dueInMs });
  const parts = {
    clock,
    random: new SeededRandom(1),
    batches,
    ledger: new Ledger(clock),
    queue,
    stats,
    logger,
  };
  const stop = startReconciler(
    { ...parts, onTerminal: () => undefined, progress, isDelivering: () => false },
    { visibilityTimeoutMs: VISIBILITY_MS, retentionMs: RETENTION_MS },
  );
  onTestFinished(stop);
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += ROUND_MS) {
      await eventually(() => clock.pendingTimers > 0);
      clock.advance(ROUND_MS);
    }
    await eventually(() => clock.pendingTimers > 0);
  };
  return { clock, queue, batches, pass };
}

const A_BATCH = '019e0000-0000-7000-8000-000000000001';

it.each([-3_600_000, 0, 3_600_000])(
  'sends what is lost in its time, though its entry was made by a clock that is %i ms ahead',
  async (aheadMs) => {
    const { queue, pass } = await reconciling([A_BATCH], aheadMs);
    await pass(2 * VISIBILITY_MS);
    expect(queue.messages).toHaveLength(0);
    await pass(2 * VISIBILITY_MS);
    expect(queue.messages).toHaveLength(1);
  },
);

it.each([-3_600_000, 3_600_000])(
  'does not send what somebody touches, after a step by %i ms',
  async (stepMs) => {
    const { clock, queue, batches, pass } = await reconciling([A_BATCH]);
    await pass(VISIBILITY_MS);
    clock.step(stepMs);
    for (let touches = 0; touches < 5; touches += 1) {
      const batch = batches.items.get(A_BATCH);
      if (batch === undefined) throw new Error('it is gone');
      await batches.replace(batch, { ...batch, rev: batch.rev + 1, dueAtMs: clock.now() });
      await pass(VISIBILITY_MS);
    }
    expect(queue.messages).toHaveLength(0);
  },
);

it('sends all that is lost in one round, though the first of it comes out of the queue meanwhile', async () => {
  const clock = new ManualClock();
  const progress = new QueueProgress(clock, VISIBILITY_MS, { coordinatorId: 'c', lastNumber: () => 0 });
  const queue = new MemoryQueue(clock, VISIBILITY_MS);
  const batches = new MemoryBatchStore();
  const logger = memoryLogger([]);
  const stats = new StatsRecorder({ clock, logger, stats: new MemoryStatsStore() }, 'c', NOTHING_OUTSTANDING);
  for (let index = 0; index < LOST; index += 1) {
    await batches.create({ ...newBatch(), id: `019e0000-0000-7000-8000-${String(index).padStart(12, '0')}` });
  }
  const stop = startReconciler(
    {
      clock,
      random: new SeededRandom(1),
      batches,
      ledger: new Ledger(clock),
      onTerminal: () => undefined,
      // Somebody waits for messages, and has each of them at once.
      queue: overrideMethods(queue, {
        send: async (message) => {
          await queue.send(message);
          progress.recordReceived(message);
        },
      }),
      stats,
      logger,
      progress,
      isDelivering: () => false,
    },
    { visibilityTimeoutMs: VISIBILITY_MS, retentionMs: RETENTION_MS },
  );
  const round = async () => {
    const before = queue.depthReads;
    await eventually(() => clock.pendingTimers > 0);
    clock.advance(ROUND_MS);
    await eventually(() => clock.pendingTimers > 0);
    return queue.depthReads > before;
  };
  while (!(await round()));
  clock.advance(VISIBILITY_MS - ROUND_MS);
  await eventually(() => clock.pendingTimers > 0);
  expect(queue.messages).toHaveLength(0);
  await round();
  expect(queue.messages).toHaveLength(LOST);
  await stop();
});
