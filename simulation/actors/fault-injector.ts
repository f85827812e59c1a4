/** Misfortunes that come to coordinators, workers and the stack as the scenario says, until all is healed. */
import type { Execution } from '../engine/execution.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import { LOSS_KINDS, FAULT_KINDS, type FaultKind, type Scenario } from '../scenario/scenario.js';
import { NO_WORKER_FAULTS, type WorkerFaults } from '../workers/worker-faults.js';
import type { StackModel } from '../models/stack.js';
import type { TableResets } from '../watches/table-resets.js';
import { SERVICES, type Service, type NetworkModel } from '../network/network-model.js';
import type { WallClock } from '../engine/wall-clock.js';
import type { CoordinatorMachine } from './coordinator-machine.js';
import type { SimWorker } from '../workers/sim-worker.js';

export interface FaultTargets {
  readonly machines: readonly CoordinatorMachine[];
  readonly workers: readonly SimWorker[];
  readonly network: NetworkModel;
  readonly stack: StackModel;
  readonly tableResets: TableResets;
  /** Of every machine, by its name. */
  readonly wallClocks: ReadonlyMap<string, WallClock>;
}

const MINUTE_MS = 60_000;
const OUTAGE_MS = { least: 200, most: 20_000 };
const LOST_SHARE = 0.2;

export class FaultInjector {
  readonly #execution: Execution;
  readonly #targets: FaultTargets;
  readonly #scenario: Scenario;
  readonly #random: SeededRandom;
  #healedAtMs = Infinity;

  constructor(execution: Execution, victims: FaultTargets, scenario: Scenario) {
    this.#execution = execution;
    this.#targets = victims;
    this.#scenario = scenario;
    this.#random = execution.random.fork('fate');
  }

  /** Infinity as long as anything may go wrong. */
  get healedAtMs(): number {
    return this.#healedAtMs;
  }

  get workerFaults(): WorkerFaults {
    return this.#isOver ? NO_WORKER_FAULTS : this.#scenario.workerFaults;
  }

  /** Probability, as long as anything may go wrong. */
  whileFaultsLast(probability: number): number {
    return this.#isOver ? 0 : probability;
  }

  get #isOver(): boolean {
    return this.#healedAtMs < Infinity;
  }

  start(): void {
    this.#targets.network.setFaults(this.#scenario.callFaults);
    for (const misfortune of [...FAULT_KINDS, ...LOSS_KINDS]) this.#schedule(misfortune);
  }

  /** Nothing goes wrong any more, and everybody is woken; who is dead comes back by itself. */
  heal(): void {
    this.#healedAtMs = this.#execution.time.nowMs;
    this.#targets.network.clear();
    for (const { running } of this.#targets.machines) running?.host.resume(true);
    for (const worker of this.#targets.workers) worker.resume();
    this.#execution.trace(() => 'healed');
  }

  #schedule(misfortune: FaultKind): void {
    const aMinute = this.#scenario.faultsPerMinute[misfortune];
    if (aMinute === 0) return;
    const inMs = (-Math.log(1 - this.#random.next()) * MINUTE_MS) / aMinute;
    this.#execution.time.after(inMs, () => {
      if (this.#isOver) return;
      this.#inject(misfortune);
      this.#schedule(misfortune);
    });
  }

  #inject(misfortune: FaultKind): void {
    const { machines, workers } = this.#targets;
    const machine = this.#random.pick(machines);
    const worker = this.#random.pick(workers);
    const inflict = (detail: string) => this.#execution.inject(misfortune, () => detail);
    switch (misfortune) {
      case 'coordinator killed':
        inflict(machine.name);
        machine.running?.host.kill();
        return;
      case 'coordinator stopped':
        inflict(machine.name);
        machine.stop();
        return;
      case 'coordinator frozen':
        this.#freeze(machine);
        return;
      case 'worker killed':
        inflict(worker.id);
        worker.crash();
        return;
      case 'worker frozen':
        inflict(worker.id);
        worker.freeze();
        this.#endAfter(this.#frozenMs(), () => worker.resume());
        return;
      case 'queue cut':
        this.#cut(misfortune, ['queue']);
        return;
      case 'tables cut':
        this.#cut(misfortune, ['tables']);
        return;
      case 'stack cut':
        this.#cut(misfortune, SERVICES);
        return;
      case 'stack slow':
        inflict('');
        this.#targets.network.setSlowness(this.#random.magnitude(5, 3000));
        this.#endAfter(this.#outageMs(), () => this.#targets.network.setSlowness(1));
        return;
      case 'messages lost':
        this.#loseMessages(misfortune, () => this.#random.chance(LOST_SHARE));
        return;
      case 'queue lost':
        inflict(String(this.#targets.stack.queue.model.recreate().length));
        return;
      case 'tables emptied':
        inflict('');
        this.#resetTables();
        return;
      case 'clock stepped': {
        const stepMs = this.#random.magnitude(10, this.#scenario.clocks.stepMs) * this.#random.pick([-1, 1]);
        const [name, wall] = this.#random.pick([...this.#targets.wallClocks]);
        inflict(`${name} ${stepMs}`);
        wall.step(stepMs);
      }
    }
  }

  #freeze(machine: CoordinatorMachine): void {
    const host = machine.listening?.host;
    if (host === undefined) return;
    this.#execution.inject('coordinator frozen', () => host.name);
    host.freeze();
    this.#endAfter(this.#frozenMs(), () => host.resume(this.#random.chance(0.5)));
  }

  #loseMessages(misfortune: FaultKind, isLost: () => boolean): void {
    const lost = this.#targets.stack.queue.model.lose(isLost);
    this.#execution.inject(misfortune, () => lost.map(({ id }) => id).join(' '));
  }

  #resetTables(): void {
    const { stack, tableResets } = this.#targets;
    tableResets.recordReset(stack.batches.items.values());
    stack.empty();
  }

  #cut(misfortune: FaultKind, services: readonly Service[]): void {
    const how = this.#random.pick(['refusing', 'silent'] as const);
    this.#execution.inject(misfortune, () => how);
    for (const service of services) this.#targets.network.cut(service, how);
    this.#endAfter(this.#outageMs(), () =>
      services.forEach((service) => this.#targets.network.restore(service)),
    );
  }

  /** Often past the visibility timeout: that is what makes a zombie. */
  #frozenMs(): number {
    return this.#scenario.options.visibilityTimeoutMs * this.#random.magnitude(0.1, 3);
  }

  #outageMs(): number {
    return this.#random.magnitude(OUTAGE_MS.least, OUTAGE_MS.most);
  }

  #endAfter(ms: number, end: () => void): void {
    this.#execution.time.after(ms, end);
  }
}
