/** Deletes what has expired by the clock of the stack, which may be wrong like any other. */
import type { Execution } from '../engine/execution.js';
import type { WallClock } from '../engine/wall-clock.js';
import type { StackModel } from './stack.js';

const SWEEP_EVERY_MS = 20_000;
/** As in the adapter of the workers table. */
const WORKER_RETENTION_MS = 3_600_000;

export function startExpirySweeps({ time }: Execution, { workers, keys }: StackModel, wall: WallClock): void {
  const sweep = () => {
    const nowMs = wall.now(time.nowMs);
    for (const [id, { heartbeatAtMs }] of workers.records)
      if (heartbeatAtMs + WORKER_RETENTION_MS <= nowMs) workers.records.delete(id);
    for (const [key, { expiresAtMs }] of keys.records) if (expiresAtMs <= nowMs) keys.records.delete(key);
    time.after(SWEEP_EVERY_MS, sweep);
  };
  time.after(SWEEP_EVERY_MS, sweep);
}
