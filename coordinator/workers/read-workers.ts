/** The workers as people see them, from DynamoDB. */
import type { LiveWorkers } from '../../contracts/http/live.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { WorkerStore } from '../../contracts/stack/stores.js';
import type { WorkerSightings } from '../../contracts/worker/worker-sightings.js';
import { workerViews } from '../../contracts/worker/worker-view.js';

export interface WorkerPorts {
  readonly clock: Clock;
  readonly workers: WorkerStore;
  /** Those of the coordinator, which never stops looking. */
  readonly sightings: WorkerSightings;
}

/** @throws StackUnavailableError */
export async function readWorkers({
  workers,
  sightings,
}: Pick<WorkerPorts, 'workers' | 'sightings'>): Promise<LiveWorkers> {
  return { workers: workerViews(sightings.observe(await workers.list())) };
}
