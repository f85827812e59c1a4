/** One item that the stack is too busy for makes no other wait. */
import { describe, expect, it } from 'vitest';
import { StackThrottledError } from '../../../contracts/errors/errors.js';
import { eachBatch } from '../../../coordinator/recovery/each-batch.js';
import { StatsRecorder } from '../../../coordinator/stats/stats-recorder.js';
import { startDeadLetterConsumer } from '../../../coordinator/delivery/dead-letter-consumer.js';
import { UnreadableMessages } from '../../../coordinator/delivery/unreadable-messages.js';
import { Slots } from '../../../coordinator/workers/slots.js';
import { pickerOf } from '../../../coordinator/workers/pick-worker.js';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import { Ledger } from '../../../coordinator/ledger/ledger.js';
import { asciiJson } from '../../../contracts/common/text.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';
import { overrideMethods } from '../../../simulation/engine/override-methods.js';
import { silent } from '../../support/embedded.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore, MemoryQueue, MemoryStatsStore } from '../../support/memory-stack.js';
import { messageOf, sampleBatch } from '../../support/sample-batch.js';
import { RETENTION_MS, VISIBILITY_MS } from '../batch/support/batch-moves.js';
import { beatOf } from '../workers/support/workers.js';

const throttled = () => Promise.reject(new StackThrottledError('a call', new Error('too much')));
const durations = { visibilityTimeoutMs: VISIBILITY_MS, retentionMs: RETENTION_MS };

describe('beside a throttled item', () => {
  it('all other batches are put back, more than lanes failed', async () => {
    const batches = Array.from({ length: 20 }, () => sampleBatch());
    const done: string[] = [];
    const result = await eachBatch({ logger: silent }, batches, 2, async ({ id }) => {
      if (batches.findIndex((batch) => batch.id === id) % 2 === 0) await throttled();
      done.push(id);
    });
    expect(done).toHaveLength(10);
    expect(result.throttled).toBeInstanceOf(StackThrottledError);
  });

  it('the statistics of other minutes are written', async () => {
    const clock = new ManualClock();
    const store = new MemoryStatsStore();
    const written: number[] = [];
    const stats = overrideMethods(store, {
      put: (row) => {
        if (Math.floor(row.second / 60) === first) return throttled();
        written.push(row.second);
        return Promise.resolve();
      },
    });
    const recorder = new StatsRecorder({ clock, stats, logger: silent }, 'c', {
      outstandingTasks: 1,
      outstandingBytes: 10,
    });
    const first = Math.floor(clock.now() / 60_000);
    const stop = recorder.start();
    await eventually(async () => {
      clock.advance(1000);
      await new Promise(setImmediate);
      return written.length > 0;
    });
    await stop();
    expect(written.every((second) => Math.floor(second / 60) > first)).toBe(true);
  });

  it('other dead letters are taken in', async () => {
    const clock = new ManualClock();
    const deadLetters = new MemoryQueue(clock, VISIBILITY_MS);
    const store = new MemoryBatchStore();
    const [busy, other] = [sampleBatch(), sampleBatch()];
    for (const batch of [busy, other]) {
      await store.create(batch);
      deadLetters.put(asciiJson(messageOf(batch)));
    }
    const batches = overrideMethods(store, {
      replace: (before, next) => (before.id === busy.id ? throttled() : store.replace(before, next)),
    });
    const stats = new StatsRecorder({ clock, stats: new MemoryStatsStore(), logger: silent }, 'c', {
      outstandingTasks: 0,
      outstandingBytes: 0,
    });
    const stop = startDeadLetterConsumer(
      {
        clock,
        random: new SeededRandom(1),
        batches,
        ledger: new Ledger(clock),
        onTerminal: () => undefined,
        deadLetters,
        stats,
        unreadable: new UnreadableMessages(stats, silent),
        logger: silent,
      },
      durations,
    );
    clock.advance(1000);
    await eventually(() => deadLetters.messages.length === 1);
    expect(store.items.get(other.id)?.deadLetteredAtMs).toBeDefined();
    expect(store.items.get(busy.id)?.deadLetteredAtMs).toBeUndefined();
    await stop();
  });

  it('a slot that a waiting batch gave up is had again before anything more is received', async () => {
    const clock = new ManualClock();
    const registry = new WorkerRegistry(clock, 1);
    registry.recordBeat(beatOf(clock, 'worker-1'));
    const slots = new Slots(registry, pickerOf('least-loaded'));
    const [waiting] = slots.reserveForReceive(10);
    waiting?.lend();
    const [other] = slots.reserveForReceive(10);
    const takenBack = waiting?.takeBack(new AbortController().signal);
    other?.release();
    expect(slots.reserveForReceive(10)).toEqual([]);
    await takenBack;
    expect(slots.reserved).toBe(1);
  });
});
