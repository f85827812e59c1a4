/** One execution's system: stack, coordinators, workers and clients, put together on simulated ports. */
import { Clients } from '../actors/clients.js';
import { planRequests } from '../scenario/client-plan.js';
import { CoordinatorMachine } from '../actors/coordinator-machine.js';
import { Fate } from '../actors/fault-injector.js';
import { startBeating } from '../actors/heartbeats.js';
import { SimWorker } from '../workers/sim-worker.js';
import type { Execution } from '../engine/execution.js';
import { WallClock } from '../engine/wall-clock.js';
import { startSweeping } from '../models/time-to-live.js';
import { createStack, type StackModel } from '../models/stack.js';
import type { Plant } from '../mutants/mutant.js';
import { portsOf, type SimPorts } from '../ports/coordinator-ports.js';
import { Emptyings } from '../watches/emptyings.js';
import { ResendWatch } from '../watches/resend-watch.js';
import { StoreWatch } from '../watches/store-watch.js';
import { Told } from '../watches/client-history.js';
import { createClocks } from '../scenario/clocks.js';
import type { Scenario } from '../scenario/scenario.js';
import { Weather } from '../network/network-model.js';

export interface World {
  readonly scenario: Scenario;
  readonly stack: StackModel;
  /** Of every machine, by its name. */
  readonly walls: ReadonlyMap<string, WallClock>;
  readonly machines: readonly CoordinatorMachine[];
  readonly workers: readonly SimWorker[];
  readonly clients: Clients;
  readonly fate: Fate;
  readonly told: Told;
  readonly resends: ResendWatch;
  readonly emptyings: Emptyings;
}

const STACK = 'stack';

/** Nothing happens before `startWorld`. */
export function createWorld(execution: Execution, scenario: Scenario, plant: Plant | undefined): World {
  const { options } = scenario;
  const { visibilityTimeoutMs, retentionMs } = options;
  const weather = new Weather(execution);
  const emptyings = new Emptyings((batch) => machines.some((machine) => machine.couldPutBack(batch)));
  const told = new Told(execution, (id) => stack.batches.read(id), emptyings);
  const storeWatch = new StoreWatch(execution, told, emptyings);
  const stack: StackModel = createStack(
    execution,
    {
      ...scenario.queue,
      visibilityTimeoutMs,
      maxReceiveCount: scenario.maxReceiveCount,
      duplicates: () => fate.whileItLasts(scenario.queue.duplicates),
      undeletes: () => fate.whileItLasts(scenario.queue.undeletes),
    },
    (batch, before, how) => storeWatch.written(batch, before, how),
  );
  const names = {
    machines: Array.from({ length: scenario.coordinators }, (_, index) => `c${index + 1}`),
    workers: Array.from({ length: scenario.workers }, (_, index) => `worker-${index + 1}`),
  };
  const all = [...names.machines, ...names.workers, STACK];
  const walls = createClocks(execution.random.fork('clocks'), scenario.clocks, all);
  const wallOf = (name: string): WallClock => walls.get(name) ?? new WallClock({ offsetMs: 0, driftPpm: 0 });
  const workers = names.workers.map(
    (id) =>
      new SimWorker(execution, {
        id,
        wall: wallOf(id),
        visibilityTimeoutMs,
        functionTimeoutMs: visibilityTimeoutMs * 0.9,
        faults: () => fate.workerFaults,
      }),
  );
  const resends = new ResendWatch();
  const surroundings = {
    execution,
    weather,
    stack,
    resends,
    emptyings,
    workers: new Map(workers.map((worker) => [worker.id, worker])),
    limits: options,
  };
  const died = () => emptyings.coordinatorDied();
  const machines: readonly CoordinatorMachine[] = names.machines.map(
    (name) =>
      new CoordinatorMachine(
        execution,
        { name, wall: wallOf(name), options, resends, died },
        (host, coordinator) => {
          const ports: SimPorts = portsOf(surroundings, host, coordinator);
          return plant === undefined ? ports : plant.into(ports, stack);
        },
      ),
  );
  const fate: Fate = new Fate(execution, { machines, workers, weather, stack, emptyings, walls }, scenario);
  const clients = new Clients(execution, machines, told, {
    timeouts: { visibilityTimeoutMs, retentionMs },
    maxOutstandingTasks: scenario.maxOutstandingTasks,
    maxOutstandingBytes: 64 * 1024 * 1024,
    keyRetentionMs: retentionMs,
  });
  return { scenario, stack, walls, machines, workers, clients, fate, told, resends, emptyings };
}

export function startWorld(execution: Execution, world: World): void {
  for (const machine of world.machines) machine.start();
  for (const worker of world.workers) startBeating(execution, worker, world.machines);
  world.clients.start(planRequests(execution.random.fork('plan'), world.scenario.load));
  const wallOfStack = world.walls.get(STACK);
  if (wallOfStack !== undefined) startSweeping(execution, world.stack, wallOfStack);
  world.fate.start();
}
