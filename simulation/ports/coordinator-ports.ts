/** What a simulated coordinator is given: its ports, each under watch. */
import type { Coordinator, CoordinatorPorts } from '../../coordinator/coordinator.js';
import type { SimWorker } from '../actors/sim-worker.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';
import type { StackModel } from '../models/stack.js';
import { InvokeWatch } from '../promises/invoke-watch.js';
import { QueueWatch } from '../promises/queue-watch.js';
import type { Weather } from '../weather/weather.js';
import { SimFunctionClient } from './sim-functions.js';
import { SimBatchQueue } from './sim-queue.js';
import { SimBatchStore, SimKeyStore, SimMarkerStore, SimStatsStore, SimWorkerStore } from './sim-stores.js';
import { StackLink } from './stack-link.js';

export type SimPorts = Omit<CoordinatorPorts, 'random' | 'logger'>;

export interface Surroundings {
  readonly execution: Execution;
  readonly weather: Weather;
  readonly stack: StackModel;
  readonly workers: ReadonlyMap<string, SimWorker>;
  readonly limits: { readonly workerSlots: number; readonly invokeTimeoutMs: number };
}

/** @param coordinator the one that will use the ports, once it is there */
export function portsOf(
  { execution, weather, stack, workers, limits }: Surroundings,
  host: Host,
  coordinator: () => Coordinator,
): SimPorts {
  const link = new StackLink(execution, weather, host);
  const random = execution.random.fork(`queue of ${host.name}`);
  const client = new SimFunctionClient(execution, host, workers);
  const functions = new InvokeWatch(execution, host, client, limits);
  const allSlots = workers.size * limits.workerSlots;
  const freeSlots = () => Math.min(coordinator().registry.freeSlots(), allSlots - functions.holdingSlots);
  return {
    clock: host.clock,
    queue: new QueueWatch(
      { execution, host, table: stack.batches },
      new SimBatchQueue(link, stack.queue, stack.deadLetters, random),
      { queue: stack.queue.model, deadLetters: stack.deadLetters.model },
      freeSlots,
    ),
    batches: new SimBatchStore(link, stack.batches),
    keys: new SimKeyStore(link, stack.keys, host.clock),
    marker: new SimMarkerStore(link, stack.marker),
    resources: { ensure: () => link.call('tables', 'ensure', () => undefined) },
    workers: new SimWorkerStore(link, stack.workers),
    statistics: new SimStatsStore(link),
    functions,
  };
}
