/** The system of one execution: stack, coordinators, workers and clients on simulated ports. */
import { Clients } from '../actors/clients.js';
import { planRequests } from '../scenario/client-plan.js';
import { CoordinatorMachine } from '../actors/coordinator-machine.js';
import { FaultInjector } from '../actors/fault-injector.js';
import { startHeartbeats } from '../actors/heartbeats.js';
import { SimWorker } from '../workers/sim-worker.js';
import type { Execution } from '../engine/execution.js';
import { WallClock } from '../engine/wall-clock.js';
import { startExpirySweeps } from '../models/time-to-live.js';
import { createStack, type StackModel } from '../models/stack.js';
import type { Mutant } from '../mutants/mutant.js';
import { createPorts, type SimPorts } from '../ports/coordinator-ports.js';
import { TableResets } from '../watches/table-resets.js';
import { ResendWatch } from '../watches/resend-watch.js';
import { StoreWatch } from '../watches/store-watch.js';
import { ClientHistory } from '../watches/client-history.js';
import { createClocks } from '../scenario/clocks.js';
import type { Scenario } from '../scenario/scenario.js';
import { NetworkModel } from '../network/network-model.js';

export interface SimulatedSystem {
  readonly scenario: Scenario;
  readonly stack: StackModel;
  /** By the name of the machine. */
  readonly wallClocks: ReadonlyMap<string, WallClock>;
  readonly machines: readonly CoordinatorMachine[];
  readonly workers: readonly SimWorker[];
  readonly clients: Clients;
  readonly faults: FaultInjector;
  readonly history: ClientHistory;
  readonly resends: ResendWatch;
  readonly tableResets: TableResets;
}

const STACK = 'stack';

/** Nothing happens before `startSystem`. */
export function createSystem(
  execution: Execution,
  scenario: Scenario,
  mutant: Mutant | undefined,
): SimulatedSystem {
  const { visibilityTimeoutMs, retentionMs } = scenario.options;
  const options = {
    ...scenario.options,
    maxOutstandingTasks: scenario.maxOutstandingTasks,
    maxOutstandingBytes: 64 * 1024 * 1024,
    keyRetentionMs: retentionMs,
  };
  const network = new NetworkModel(execution);
  const tableResets = new TableResets((batch) => machines.some((machine) => machine.canRestore(batch)));
  const history = new ClientHistory(execution, (id) => stack.batches.read(id), tableResets);
  const storeWatch = new StoreWatch(execution, history, tableResets);
  const stack: StackModel = createStack(
    execution,
    {
      ...scenario.queue,
      visibilityTimeoutMs,
      maxReceiveCount: scenario.maxReceiveCount,
      duplicates: () => faults.whileFaultsLast(scenario.queue.duplicates),
      undeletes: () => faults.whileFaultsLast(scenario.queue.undeletes),
    },
    (batch, before, how) => storeWatch.check(batch, before, how),
  );
  const names = {
    machines: Array.from({ length: scenario.coordinators }, (_, index) => `c${index + 1}`),
    workers: Array.from({ length: scenario.workers }, (_, index) => `worker-${index + 1}`),
  };
  const machineNames = [...names.machines, ...names.workers, STACK];
  const wallClocks = createClocks(execution.random.fork('clocks'), scenario.clocks, machineNames);
  const wallClockOf = (name: string): WallClock =>
    wallClocks.get(name) ?? new WallClock({ offsetMs: 0, driftPpm: 0 });
  const workers = names.workers.map(
    (id) =>
      new SimWorker(execution, {
        id,
        wallClock: wallClockOf(id),
        visibilityTimeoutMs,
        functionTimeoutMs: visibilityTimeoutMs * 0.9,
        faults: () => faults.workerFaults,
      }),
  );
  const resends = new ResendWatch();
  const environment = {
    execution,
    network,
    stack,
    resends,
    tableResets,
    workers: new Map(workers.map((worker) => [worker.id, worker])),
    limits: options,
  };
  const onDeath = () => tableResets.recordCoordinatorDeath();
  const machines: readonly CoordinatorMachine[] = names.machines.map(
    (name) =>
      new CoordinatorMachine(
        execution,
        { name, wallClock: wallClockOf(name), options, resends, onDeath },
        (host, coordinator) => {
          const ports: SimPorts = createPorts(environment, host, coordinator);
          return mutant === undefined ? ports : mutant.apply(ports, stack);
        },
      ),
  );
  const faults: FaultInjector = new FaultInjector(
    execution,
    { machines, workers, network, stack, tableResets, wallClocks },
    scenario,
  );
  const clients = new Clients(execution, machines, history);
  return { scenario, stack, wallClocks, machines, workers, clients, faults, history, resends, tableResets };
}

export function startSystem(execution: Execution, system: SimulatedSystem): void {
  for (const machine of system.machines) machine.start();
  for (const worker of system.workers) startHeartbeats(execution, worker, system.machines);
  system.clients.start(planRequests(execution.random.fork('plan'), system.scenario.load));
  const stackWallClock = system.wallClocks.get(STACK);
  if (stackWallClock !== undefined) startExpirySweeps(execution, system.stack, stackWallClock);
  system.faults.start();
}
