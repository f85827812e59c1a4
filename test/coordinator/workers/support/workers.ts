/** Workers as a coordinator hears of them. */
import type { WorkerRecord } from '../../../../contracts/worker/worker.js';
import { heartbeatOf } from '../../../support/running-coordinator.js';
import type { ManualClock } from '../../../support/manual-clock.js';

export function beatOf(clock: ManualClock, id: string, change: Partial<WorkerRecord> = {}): WorkerRecord {
  return { ...heartbeatOf(id), id, heartbeatAtMs: clock.now(), ...change };
}

export const NOBODY: ReadonlySet<string> = new Set();
