import { describe, expect, it } from 'vitest';
import { waitForTasks } from '../../../coordinator/tasks/wait-for-tasks.js';
import { Ledger } from '../../../coordinator/ledger/ledger.js';
import { taskIdOf } from '../../../contracts/batch/ids.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { createMemoryStack } from '../../support/running-coordinator.js';
import { sampleBatch } from '../../support/sample-batch.js';

const sample = (count: number) => Array.from({ length: count }, () => sampleBatch());

describe('batches of which nothing is heard', () => {
  it('wait their turn, whether the store knows them or not', () => {
    const clock = new ManualClock();
    const ledger = new Ledger(clock);
    const batches = sample(3);
    for (const batch of batches) ledger.adopt(batch);
    clock.advance(2000);
    const first = ledger.takeStalest(1500, 2);
    const second = ledger.takeStalest(1500, 2);
    expect(new Set([...first, ...second])).toEqual(new Set(batches.map(({ id }) => id)));
    expect(ledger.takeStalest(1500, 2)).toEqual([]);
    clock.advance(1500);
    expect(ledger.takeStalest(1500, 5)).toHaveLength(3);
  });

  it('have their turn behind more batches with waiting clients than can ever be read', () => {
    const clock = new ManualClock();
    const ledger = new Ledger(clock);
    const [quiet = sampleBatch(), ...waitedFor] = sample(10);
    ledger.accept(quiet, Promise.resolve());
    for (const batch of waitedFor) {
      ledger.accept(batch, Promise.resolve());
      ledger.listen(batch.id, () => undefined);
    }
    const taken: string[] = [];
    for (let passedMs = 0; passedMs < 60_000; passedMs += 400) {
      clock.advance(400);
      taken.push(...ledger.takeStalest(1500, 2));
    }
    const turns = ({ id }: { readonly id: string }) => taken.filter((each) => each === id).length;
    expect(turns(quiet)).toBeGreaterThanOrEqual(3);
    for (const batch of waitedFor) expect(turns(batch)).toBeGreaterThan(turns(quiet));
  });
});

describe("another's batch", () => {
  it('is followed as long as somebody waits for it, and kept after that', async () => {
    const clock = new ManualClock();
    const ledger = new Ledger(clock);
    const { batches } = createMemoryStack(1000);
    const [batch = sampleBatch()] = sample(1);
    await batches.create(batch);
    const taskIds = [taskIdOf(batch.id, 0)];
    const wait = (timeoutMs: number, signal = new AbortController().signal) =>
      waitForTasks({ clock, ledger, batches }, taskIds, timeoutMs, signal);

    await wait(0);
    await wait(1000, AbortSignal.abort());
    expect(ledger.takeStalest(0, 10)).toEqual([]);

    const waiting = wait(1000);
    await eventually(() => clock.pendingTimers > 0);
    expect(ledger.takeStalest(0, 10)).toEqual([batch.id]);
    clock.advance(1000);
    await waiting;
    expect(ledger.takeStalest(0, 10)).toEqual([]);
    expect([...ledger.held()]).toEqual([batch]);
  });
});
