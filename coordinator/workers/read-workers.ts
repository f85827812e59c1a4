/** The workers as people see them, from DynamoDB. */
import type { LiveWorkers } from '../../contracts/live.js';
import type { Clock, WorkerStore } from '../../contracts/ports.js';
import { workerViews } from '../../contracts/worker-view.js';

export interface WorkerPorts {
  readonly clock: Clock;
  readonly workers: WorkerStore;
}

/** @throws StackUnavailableError */
export async function readWorkers({ clock, workers }: WorkerPorts): Promise<LiveWorkers> {
  return { workers: workerViews(await workers.list(), clock.now()) };
}
