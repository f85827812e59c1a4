/** A machine that runs a coordinator and starts it again when it dies. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { Logger } from '../../contracts/system/logger.js';
import { Coordinator } from '../../coordinator/coordinator.js';
import type { CoordinatorOptions } from '../../coordinator/ports.js';
import type { Execution } from '../engine/execution.js';
import { Host } from '../engine/host.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import type { WallClock } from '../engine/wall-clock.js';
import type { ResendWatch } from '../watches/resend-watch.js';
import type { SimPorts } from '../ports/coordinator-ports.js';

/** @param coordinator returns the coordinator that uses the ports, after its construction */
export type CreatePorts = (host: Host, coordinator: () => Coordinator) => SimPorts;

/** A coordinator between its start and its death. */
export interface RunningCoordinator {
  readonly host: Host;
  readonly coordinator: Coordinator;
  readonly ports: SimPorts & { readonly logger: Logger };
}

export interface MachineSettings {
  readonly name: string;
  readonly wallClock: WallClock;
  readonly options: Omit<CoordinatorOptions, 'coordinatorId'>;
  readonly resends: ResendWatch;
  readonly onDeath: () => void;
}

const RESTART_MS = { min: 200, max: 8000 };
const STOP_DEADLINE_MS = 5000;
/** Far longer than stopping may take, including calls that time out. */
const MAX_STOP_MS = 60_000;

export class CoordinatorMachine {
  readonly name: string;
  readonly wallClock: WallClock;
  readonly #execution: Execution;
  readonly #settings: MachineSettings;
  readonly #createPorts: CreatePorts;
  readonly #random: SeededRandom;
  #incarnation = 0;
  #running: RunningCoordinator | undefined;
  /** Whether it accepts requests. */
  #isListening = false;

  constructor(execution: Execution, settings: MachineSettings, portsOf: CreatePorts) {
    this.#execution = execution;
    this.#settings = settings;
    this.name = settings.name;
    this.wallClock = settings.wallClock;
    this.#createPorts = portsOf;
    this.#random = execution.random.fork(settings.name);
  }

  /** The coordinator that accepts requests. It may be frozen. */
  get listening(): RunningCoordinator | undefined {
    return this.#isListening ? this.#running : undefined;
  }

  get running(): RunningCoordinator | undefined {
    return this.#running;
  }

  /** Whether its coordinator is alive, and accepted the batch or keeps a copy of it. */
  canRestore({ id, coordinatorId }: BatchDocument): boolean {
    if (this.#running === undefined || this.#running.host.isDead) return false;
    const { host, coordinator } = this.#running;
    return coordinatorId === host.name || coordinator.ledger.lookup(id) !== undefined;
  }

  start(): void {
    this.#incarnation += 1;
    const host = new Host(this.#execution.time, this.wallClock, `${this.name}.${this.#incarnation}`);
    host.onDeath(() => {
      this.#settings.onDeath();
      this.#restart();
    });
    const logger = this.#createLogger(host);
    const random = this.#execution.random.fork(`chance of ${host.name}`);
    const ports = { random, logger, ...this.#createPorts(host, () => coordinator) };
    const coordinator: Coordinator = new Coordinator(ports, {
      ...this.#settings.options,
      coordinatorId: host.name,
    });
    const running = { host, coordinator, ports };
    this.#running = running;
    this.#execution.trace(() => `${host.name} starts`);
    coordinator.heartbeats.refresh().then(
      () => {
        coordinator.start();
        this.#isListening = !host.isDead;
      },
      () => host.kill(),
    );
  }

  /** Does what SIGTERM does: the coordinator drains and ends. It is started again later. */
  stop(): void {
    const running = this.listening;
    if (running === undefined) return;
    this.#isListening = false;
    const { host, coordinator } = running;
    host.enter(() => {
      const fromMs = this.#execution.time.nowMs;
      void coordinator.stop(STOP_DEADLINE_MS).then(() => {
        const tookMs = this.#execution.time.nowMs - fromMs;
        if (tookMs > MAX_STOP_MS) {
          this.#execution.reportViolation('stopping ends in time', `${host.name} took ${tookMs} ms`);
        }
        host.kill();
      });
    });
  }

  #restart(): void {
    this.#isListening = false;
    this.#execution.trace(() => `${this.name} is dead`);
    this.#execution.time.after(this.#random.magnitude(RESTART_MS.min, RESTART_MS.max), () => this.start());
  }

  /** Every logged error is a violation. Other events go to the trace. */
  #createLogger(host: Host): Logger {
    const trace = (fields: object, event: string) =>
      this.#execution.trace(() => `${host.name} LOG ${event} ${JSON.stringify(fields)}`);
    return {
      debug: trace,
      info: trace,
      warn: (fields, event) => {
        trace(fields, event);
        if (event === 'batch.resent') this.#settings.resends.recordResendLog(fields);
      },
      error: (fields, event) => {
        trace(fields, event);
        this.#execution.reportViolation(
          'no unexpected error is logged',
          `${host.name} ${event} ${JSON.stringify(fields)}`,
        );
      },
    };
  }
}
