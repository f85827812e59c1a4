/** The workers as this coordinator sees them. */
import type { Registry } from 'prom-client';
import type { WorkerState } from '../../contracts/worker/worker.js';
import type { WorkerRegistry } from '../workers/registry.js';
import { readCounter, readGauge } from './read-values.js';

const STATES = ['up', 'suspect', 'draining', 'down'] as const satisfies readonly WorkerState[];

export function addWorkerMetrics(
  registry: Registry,
  workers: Pick<WorkerRegistry, 'all' | 'injectedFaults'>,
): void {
  readGauge({
    registry,
    name: 'boomerang_worker_slots',
    help: 'Slots of each worker that this coordinator may fill (free) or has filled (taken).',
    labels: ['worker', 'state'],
    read: () =>
      workers
        .all()
        .flatMap(({ id, freeSlots, busySlots }) => [
          [[id, 'free'], freeSlots] as const,
          [[id, 'taken'], busySlots] as const,
        ]),
  });
  readGauge({
    registry,
    name: 'boomerang_workers',
    help: 'Workers by state.',
    labels: ['state'],
    read: () => {
      const seen = workers.all();
      return STATES.map(
        (state) => [[state], seen.filter((worker) => worker.state === state).length] as const,
      );
    },
  });
  readCounter({
    registry,
    name: 'boomerang_worker_faults_injected_total',
    help: 'Faults that each worker injected since its process started, by kind, as its heartbeats tell.',
    labels: ['worker', 'fault'],
    read: () =>
      workers
        .injectedFaults()
        .flatMap(([id, injected]) =>
          Object.entries(injected).map(([fault, times]) => [[id, fault], times] as const),
        ),
  });
}
