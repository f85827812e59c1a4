import { beforeEach, describe, expect, it } from 'vitest';
import { Expirer } from '../../../coordinator/tasks/expirer.js';
import { Ledger } from '../../../coordinator/ledger/ledger.js';
import { openBatch } from '../../../coordinator/delivery/open-batch.js';
import { messageOfBatch } from '../../../coordinator/batch/batch-life.js';
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore } from '../../support/memory-stack.js';
import { memoryLogger } from '../../support/running-coordinator.js';
import { newBatch, RETENTION_MS, VISIBILITY_MS } from '../batch/support/batch-moves.js';

const HOUR_MS = 3_600_000;
const DEADLINE_MS = 5000;
const timeouts = { visibilityTimeoutMs: VISIBILITY_MS, retentionMs: RETENTION_MS };

let clock: ManualClock;
let batches: MemoryBatchStore;
let ledger: Ledger;
const ports = () => ({ clock, random: new SeededRandom(1), batches, ledger, onTerminal: () => undefined });

beforeEach(() => {
  clock = new ManualClock();
  batches = new MemoryBatchStore();
  ledger = new Ledger(clock);
});

/** Stored by a coordinator whose clock is so far ahead. */
async function stored(aheadMs = 0): Promise<BatchDocument> {
  const acceptedAtMs = clock.now() + aheadMs;
  const batch = newBatch();
  const deadlineAtMs = acceptedAtMs + DEADLINE_MS;
  const inputs = batch.inputs.map((input) => ({ ...input, acceptedAtMs, deadlineAtMs }));
  const dated = { ...batch, createdAtMs: acceptedAtMs, inputs };
  await batches.create(dated);
  return dated;
}

const statuses = (id: string) => batches.items.get(id)?.tasks.map(({ status }) => status);
const received = { messageId: 'm', receiptHandle: 'm#1', receiveCount: 1, body: '' };

describe.each([-HOUR_MS, HOUR_MS])('after a step of the clock by %i ms', (stepMs) => {
  it('a task expires when its time is over, not sooner and not later', async () => {
    const expirer = new Expirer(ports(), timeouts, memoryLogger([]));
    const batch = await stored();
    ledger.accept(batch, Promise.resolve());
    expirer.watch(batch);
    clock.advance(1000);
    clock.step(stepMs);
    clock.advance(DEADLINE_MS - 1010);
    await new Promise(setImmediate);
    expect(statuses(batch.id)).not.toContain('expired');
    clock.advance(20);
    await eventually(() => expect(statuses(batch.id)).toEqual(batch.tasks.map(() => 'expired')));
    expirer.stop();
  });
});

describe.each([-HOUR_MS, -10_000, 0, 10_000, HOUR_MS])(
  'a batch of a coordinator whose clock is %i ms ahead',
  (aheadMs) => {
    const open = (batch: BatchDocument) => openBatch(ports(), timeouts, received, messageOfBatch(batch));

    it('has all of its time from when it is first received', async () => {
      const batch = await stored(aheadMs);
      expect((await open(batch)).tasks).toEqual(batch.tasks);
      clock.advance(DEADLINE_MS - 1);
      expect((await open(batch)).tasks).toEqual(batch.tasks);
      clock.advance(1);
      await open(batch);
      expect(statuses(batch.id)).toEqual(batch.tasks.map(() => 'expired'));
    });
  },
);

it('of others that are never heard of again not all are remembered', () => {
  const batch = newBatch();
  const inputs = batch.inputs.map((input) => ({ ...input, deadlineAtMs: input.acceptedAtMs + DEADLINE_MS }));
  for (let index = 0; index < 30_000; index += 1)
    ledger.deadlines.startCounting({ ...batch, inputs, id: String(index) });
  clock.advance(1);
  const left = (id: string) => ledger.deadlines.leftMs({ ...batch, inputs, id }, 0);
  expect(left('29999')).toBe(DEADLINE_MS - 1);
  expect(left('0')).toBe(DEADLINE_MS);
});
