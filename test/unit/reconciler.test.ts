import { NOTHING_OUTSTANDING } from '../support/nothing-outstanding.js';
import { expect, it } from 'vitest';
import { startReconciler } from '../../coordinator/recovery/reconciler.js';
import { QueueProgress } from '../../coordinator/recovery/queue-progress.js';
import { StatsRecorder } from '../../coordinator/stats/stats-recorder.js';
import { Ledger } from '../../coordinator/tasks/ledger.js';
import { SeededRandom } from '../../infra/process/seeded-random.js';
import { instead } from '../../simulation/ports/instead.js';
import { eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';
import { MemoryBatchStore, MemoryQueue, MemoryStatsStore } from '../support/memory-stack.js';
import { memoryLogger } from '../support/running-coordinator.js';
import { newBatch, RETENTION_MS, VISIBILITY_MS } from './support/batch-moves.js';

const LOST = 20;
const ROUND_MS = 5000;

it('sends all that is lost in one round, though the first of it comes out of the queue meanwhile', async () => {
  const clock = new ManualClock();
  const progress = new QueueProgress(clock, VISIBILITY_MS);
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
      onFinal: () => undefined,
      // Somebody waits for messages, and has each of them at once.
      queue: instead(queue, {
        send: async (message) => {
          await queue.send(message);
          progress.received(message);
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
