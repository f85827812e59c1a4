/** The ports of a simulated coordinator, with the watches around them. */
import type { Coordinator } from '../../coordinator/coordinator.js';
import type { CoordinatorPorts } from '../../coordinator/ports.js';
import type { SimWorker } from '../workers/sim-worker.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';
import type { StackModel } from '../models/stack.js';
import { InvokeWatch } from '../watches/invoke-watch.js';
import { watchedQueue } from '../watches/queue-watch.js';
import type { TableResets } from '../watches/table-resets.js';
import type { ResendWatch } from '../watches/resend-watch.js';
import type { NetworkModel } from '../network/network-model.js';
import { SimFunctionClient } from './sim-functions.js';
import { SimBatchQueue } from './sim-queue.js';
import { createStores } from './sim-stores.js';
import { StackLink } from '../network/stack-link.js';

export type SimPorts = Omit<CoordinatorPorts, 'random' | 'logger'>;

export interface SimulatedEnvironment {
  readonly execution: Execution;
  readonly network: NetworkModel;
  readonly stack: StackModel;
  readonly resends: ResendWatch;
  readonly tableResets: TableResets;
  readonly workers: ReadonlyMap<string, SimWorker>;
  readonly limits: { readonly workerSlots: number; readonly invokeTimeoutMs: number };
}

/** @param coordinator returns the coordinator that uses the ports, after its construction */
export function createPorts(
  { execution, network, stack, resends, tableResets, workers, limits }: SimulatedEnvironment,
  host: Host,
  coordinator: () => Coordinator,
): SimPorts {
  const link = new StackLink(execution, network, host);
  const random = execution.random.fork(`queue of ${host.name}`);
  const client = new SimFunctionClient(execution, host, workers);
  const functions = new InvokeWatch(execution, host, client, limits);
  const allSlots = workers.size * limits.workerSlots;
  const freeSlots = () => Math.min(coordinator().registry.freeSlots(), allSlots - functions.holdingSlots);
  return {
    clock: host.clock,
    queue: watchedQueue(
      { execution, host, table: stack.batches, resends, tableResets },
      new SimBatchQueue(link, stack.queue, stack.deadLetters, random),
      { queue: stack.queue.model, deadLetters: stack.deadLetters.model },
      freeSlots,
    ),
    ...createStores(link, stack, host.clock),
    functions,
  };
}
