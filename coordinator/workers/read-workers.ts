/** The workers as people see them, from DynamoDB. */
import type { LiveWorkers } from '../../contracts/live.js';
import type { Clock, WorkerStore } from '../../contracts/ports.js';
import type { WorkerSightings } from '../../contracts/worker-sightings.js';
import { workerViews } from '../../contracts/worker-view.js';

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
  return { workers: workerViews(sightings.read(await workers.list())) };
}
