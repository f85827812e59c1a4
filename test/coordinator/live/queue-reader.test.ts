/** The readings of each second for those who watch: little enough not to slow down what they watch. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NewestTasks } from '../../../coordinator/live/newest-tasks.js';
import { RotatingQueueReader } from '../../../coordinator/live/queue-reader.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore, MemoryQueue } from '../../support/memory-stack.js';
import { newBatch, VISIBILITY_MS } from '../batch/support/batch-moves.js';

const READINGS = 6;

let clock: ManualClock;
let batches: MemoryBatchStore;

/** So many batches of two tasks, made just now. */
async function accept(firstId: number, count: number): Promise<void> {
  for (let number = firstId; number < firstId + count; number += 1) {
    const batch = newBatch(2);
    const inputs = batch.inputs.map((input) => ({ ...input, acceptedAtMs: clock.now() }));
    const id = `019e0000-0000-7000-8000-0000000000${number}`;
    await batches.create({ ...batch, id, inputs, createdAtMs: clock.now() });
  }
}

beforeEach(() => {
  clock = new ManualClock();
  batches = new MemoryBatchStore();
});

describe('QueueInTurns', () => {
  it('reads the depth each time, dead letters and the oldest every third time, and all at first', async () => {
    const queue = new MemoryQueue(clock, VISIBILITY_MS, 10);
    const depth = vi.spyOn(queue, 'depth');
    const dead = vi.spyOn(queue.deadLetters, 'depth');
    const open = vi.spyOn(batches, 'listOpen');
    const turns = new RotatingQueueReader({ clock, queue, batches }, VISIBILITY_MS);
    expect(await turns.read()).toMatchObject({ visible: 0, deadLetters: 0, oldestQueuedMs: 0 });
    for (let reading = 1; reading <= READINGS; reading += 1) await turns.read();
    expect(depth).toHaveBeenCalledTimes(1 + READINGS);
    expect(dead).toHaveBeenCalledTimes(1 + READINGS / 3);
    expect(open).toHaveBeenCalledTimes(1 + READINGS / 3);
  });
});

describe('NewestTasks', () => {
  it('rests at every other reading where more comes in than a person can follow', async () => {
    const list = vi.spyOn(batches, 'listByTime');
    const newest = new NewestTasks(clock, batches);
    const callsOf = async () => {
      list.mockClear();
      const { tasks } = await newest.read();
      return { calls: list.mock.calls.length, tasks: tasks.length };
    };
    await accept(10, 1);
    expect(await callsOf()).toEqual({ calls: 2, tasks: 2 });
    expect(await callsOf()).toEqual({ calls: 2, tasks: 2 });
    await accept(11, 15);
    expect(await callsOf()).toEqual({ calls: 1, tasks: 15 });
    expect(await callsOf()).toEqual({ calls: 0, tasks: 15 });
    expect(await callsOf()).toEqual({ calls: 1, tasks: 15 });
  });
});
