import { describe, expect, it } from 'vitest';
import { NewestTasks } from '../../../coordinator/live/newest-tasks.js';
import { NewestTasks as MonitorsNewestTasks } from '../../../tools/monitor/read/newest-tasks.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore } from '../../support/memory-stack.js';
import { newBatch } from '../batch/support/batch-moves.js';

const MINUTE_MS = 60_000;

function system() {
  const clock = new ManualClock();
  clock.advance(30 * MINUTE_MS);
  const batches = new MemoryBatchStore();
  let serial = 0;
  const make = async (count: number) => {
    let id = '';
    for (let index = 0; index < count; index += 1) {
      clock.advance(100);
      serial += 1;
      id = `01890000-0000-7000-8000-${String(serial).padStart(12, '0')}`;
      await batches.create({ ...newBatch(1), id, createdAtMs: clock.now() });
    }
    return `${id}-0`;
  };
  return { clock, batches, make };
}

describe.each([-10 * MINUTE_MS, -180 * MINUTE_MS, 180 * MINUTE_MS])('after a step by %i ms', (stepMs) => {
  it('the newest tasks of the dashboard are those that came after it', async () => {
    const { clock, batches, make } = system();
    const newest = new NewestTasks(clock, batches);
    await make(30);
    clock.step(stepMs);
    const latest = await make(3);
    await newest.read();
    expect((await newest.read()).tasks[0]?.taskId).toBe(latest);
  });

  it('the newest tasks of the monitor are those that came after it', async () => {
    const { clock, batches, make } = system();
    const newest = new MonitorsNewestTasks(batches);
    await make(30);
    await newest.refresh(clock.now(), undefined);
    clock.step(stepMs);
    const latest = await make(3);
    clock.advance(2000);
    const tasks = await newest.refresh(clock.now(), undefined);
    expect(tasks[0]?.taskId).toBe(latest);
  });
});
