/** Misfortunes that come to coordinators, workers and the stack as the scenario says, until all is healed. */
import type { Execution } from '../engine/execution.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import { LOSSES, MISFORTUNES, type Misfortune, type Scenario } from '../scenario/scenario.js';
import { NO_WORKER_FAULTS, type WorkerFaults } from '../workers/worker-faults.js';
import type { StackModel } from '../models/stack.js';
import type { Emptyings } from '../watches/emptyings.js';
import { SERVICES, type Service, type Weather } from '../network/network-model.js';
import type { WallClock } from '../engine/wall-clock.js';
import type { CoordinatorMachine } from './coordinator-machine.js';
import type { SimWorker } from '../workers/sim-worker.js';

export interface Victims {
  readonly machines: readonly CoordinatorMachine[];
  readonly workers: readonly SimWorker[];
  readonly weather: Weather;
  readonly stack: StackModel;
  readonly emptyings: Emptyings;
  /** Of every machine, by its name. */
  readonly walls: ReadonlyMap<string, WallClock>;
}

const MINUTE_MS = 60_000;
const OUTAGE_MS = { least: 200, most: 20_000 };
const LOST_SHARE = 0.2;

export class Fate {
  readonly #execution: Execution;
  readonly #victims: Victims;
  readonly #scenario: Scenario;
  readonly #random: SeededRandom;
  #healedAtMs = Infinity;

  constructor(execution: Execution, victims: Victims, scenario: Scenario) {
    this.#execution = execution;
    this.#victims = victims;
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
  whileItLasts(probability: number): number {
    return this.#isOver ? 0 : probability;
  }

  get #isOver(): boolean {
    return this.#healedAtMs < Infinity;
  }

  start(): void {
    this.#victims.weather.setFaults(this.#scenario.callFaults);
    for (const misfortune of [...MISFORTUNES, ...LOSSES]) this.#plan(misfortune);
  }

  /** Nothing goes wrong any more, and everybody is woken; who is dead comes back by itself. */
  heal(): void {
    this.#healedAtMs = this.#execution.time.nowMs;
    this.#victims.weather.clear();
    for (const { running } of this.#victims.machines) running?.host.resume(true);
    for (const worker of this.#victims.workers) worker.resume();
    this.#execution.tell(() => 'healed');
  }

  #plan(misfortune: Misfortune): void {
    const aMinute = this.#scenario.misfortunes[misfortune];
    if (aMinute === 0) return;
    const inMs = (-Math.log(1 - this.#random.next()) * MINUTE_MS) / aMinute;
    this.#execution.time.after(inMs, () => {
      if (this.#isOver) return;
      this.#strike(misfortune);
      this.#plan(misfortune);
    });
  }

  #strike(misfortune: Misfortune): void {
    const { machines, workers } = this.#victims;
    const machine = this.#random.pick(machines);
    const worker = this.#random.pick(workers);
    const inflict = (detail: string) => this.#execution.inflict(misfortune, () => detail);
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
        this.#victims.weather.setSlowness(this.#random.magnitude(5, 3000));
        this.#endAfter(this.#outageMs(), () => this.#victims.weather.setSlowness(1));
        return;
      case 'messages lost':
        this.#lose(misfortune, () => this.#random.chance(LOST_SHARE));
        return;
      case 'queue lost':
        inflict(String(this.#victims.stack.queue.model.recreate().length));
        return;
      case 'tables emptied':
        inflict('');
        this.#empty();
        return;
      case 'clock stepped': {
        const stepMs = this.#random.magnitude(10, this.#scenario.clocks.stepMs) * this.#random.pick([-1, 1]);
        const [name, wall] = this.#random.pick([...this.#victims.walls]);
        inflict(`${name} ${stepMs}`);
        wall.step(stepMs);
      }
    }
  }

  #freeze(machine: CoordinatorMachine): void {
    const host = machine.listening?.host;
    if (host === undefined) return;
    this.#execution.inflict('coordinator frozen', () => host.name);
    host.freeze();
    this.#endAfter(this.#frozenMs(), () => host.resume(this.#random.chance(0.5)));
  }

  #lose(misfortune: Misfortune, isLost: () => boolean): void {
    const lost = this.#victims.stack.queue.model.lose(isLost);
    this.#execution.inflict(misfortune, () => lost.map(({ id }) => id).join(' '));
  }

  #empty(): void {
    const { stack, emptyings } = this.#victims;
    emptyings.emptied(stack.batches.items.values());
    stack.empty();
  }

  #cut(misfortune: Misfortune, services: readonly Service[]): void {
    const how = this.#random.pick(['refusing', 'silent'] as const);
    this.#execution.inflict(misfortune, () => how);
    for (const service of services) this.#victims.weather.cut(service, how);
    this.#endAfter(this.#outageMs(), () =>
      services.forEach((service) => this.#victims.weather.mend(service)),
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
