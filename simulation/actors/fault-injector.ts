/** Injects faults into coordinators, workers, clocks and the stack at the rates of the scenario, until `heal`. */
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
  /** By the name of the machine. */
  readonly wallClocks: ReadonlyMap<string, WallClock>;
}

const MINUTE_MS = 60_000;
const OUTAGE_MS = { min: 200, max: 20_000 };
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

  /** Infinity while faults are injected. */
  get healedAtMs(): number {
    return this.#healedAtMs;
  }

  get workerFaults(): WorkerFaults {
    return this.#isOver ? NO_WORKER_FAULTS : this.#scenario.workerFaults;
  }

  /** @returns the probability while faults are injected, else 0 */
  whileFaultsLast(probability: number): number {
    return this.#isOver ? 0 : probability;
  }

  get #isOver(): boolean {
    return this.#healedAtMs < Infinity;
  }

  start(): void {
    this.#targets.network.setFaults(this.#scenario.callFaults);
    for (const kind of [...FAULT_KINDS, ...LOSS_KINDS]) this.#schedule(kind);
  }

  /** Ends all faults and resumes what is frozen. Dead processes restart by themselves. */
  heal(): void {
    this.#healedAtMs = this.#execution.time.nowMs;
    this.#targets.network.clear();
    for (const { running } of this.#targets.machines) running?.host.resume(true);
    for (const worker of this.#targets.workers) worker.resume();
    this.#execution.trace(() => 'healed');
  }

  #schedule(kind: FaultKind): void {
    const perMinute = this.#scenario.faultsPerMinute[kind];
    if (perMinute === 0) return;
    const inMs = (-Math.log(1 - this.#random.next()) * MINUTE_MS) / perMinute;
    this.#execution.time.after(inMs, () => {
      if (this.#isOver) return;
      this.#inject(kind);
      this.#schedule(kind);
    });
  }

  #inject(kind: FaultKind): void {
    const { machines, workers } = this.#targets;
    const machine = this.#random.pick(machines);
    const worker = this.#random.pick(workers);
    const record = (detail: string) => this.#execution.inject(kind, () => detail);
    switch (kind) {
      case 'coordinator killed':
        record(machine.name);
        machine.running?.host.kill();
        return;
      case 'coordinator stopped':
        record(machine.name);
        machine.stop();
        return;
      case 'coordinator frozen':
        this.#freeze(machine);
        return;
      case 'worker killed':
        record(worker.id);
        worker.crash();
        return;
      case 'worker frozen':
        record(worker.id);
        worker.freeze();
        this.#endAfter(this.#frozenMs(), () => worker.resume());
        return;
      case 'queue cut':
        this.#cut(kind, ['queue']);
        return;
      case 'tables cut':
        this.#cut(kind, ['tables']);
        return;
      case 'stack cut':
        this.#cut(kind, SERVICES);
        return;
      case 'stack slow':
        record('');
        this.#targets.network.setSlowness(this.#random.magnitude(5, 3000));
        this.#endAfter(this.#outageMs(), () => this.#targets.network.setSlowness(1));
        return;
      case 'messages lost':
        this.#loseMessages(kind, () => this.#random.chance(LOST_SHARE));
        return;
      case 'queue lost':
        record(String(this.#targets.stack.queue.model.recreate().length));
        return;
      case 'tables emptied':
        record('');
        this.#resetTables();
        return;
      case 'clock stepped': {
        const stepMs = this.#random.magnitude(10, this.#scenario.clocks.stepMs) * this.#random.pick([-1, 1]);
        const [name, wallClock] = this.#random.pick([...this.#targets.wallClocks]);
        record(`${name} ${stepMs}`);
        wallClock.step(stepMs);
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

  #loseMessages(kind: FaultKind, isLost: () => boolean): void {
    const lost = this.#targets.stack.queue.model.lose(isLost);
    this.#execution.inject(kind, () => lost.map(({ id }) => id).join(' '));
  }

  #resetTables(): void {
    const { stack, tableResets } = this.#targets;
    tableResets.recordReset(stack.batches.items.values());
    stack.empty();
  }

  #cut(kind: FaultKind, services: readonly Service[]): void {
    const mode = this.#random.pick(['refusing', 'silent'] as const);
    this.#execution.inject(kind, () => mode);
    for (const service of services) this.#targets.network.cut(service, mode);
    this.#endAfter(this.#outageMs(), () =>
      services.forEach((service) => this.#targets.network.restore(service)),
    );
  }

  /** Often longer than the visibility timeout, so that a coordinator wakes up with messages that it no longer holds. */
  #frozenMs(): number {
    return this.#scenario.options.visibilityTimeoutMs * this.#random.magnitude(0.1, 3);
  }

  #outageMs(): number {
    return this.#random.magnitude(OUTAGE_MS.min, OUTAGE_MS.max);
  }

  #endAfter(ms: number, end: () => void): void {
    this.#execution.time.after(ms, end);
  }
}
