/** A machine on which a coordinator runs, dies and is started again. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { Logger } from '../../contracts/system/logger.js';
import { Coordinator, type CoordinatorOptions } from '../../coordinator/coordinator.js';
import type { InferPorts } from '../../coordinator/intake/infer.js';
import type { Execution } from '../engine/execution.js';
import { Host } from '../engine/host.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import type { WallClock } from '../engine/wall-clock.js';
import type { ResendWatch } from '../watches/resend-watch.js';
import type { SimPorts } from '../ports/coordinator-ports.js';

/** @param coordinator the one that will use the ports, once it is there */
export type PortsOf = (host: Host, coordinator: () => Coordinator) => SimPorts;

/** One life of a coordinator. */
export interface Running {
  readonly host: Host;
  readonly coordinator: Coordinator;
  readonly infer: InferPorts;
  readonly ports: SimPorts;
}

export interface MachineSettings {
  readonly name: string;
  readonly wall: WallClock;
  readonly options: Omit<CoordinatorOptions, 'coordinatorId'>;
  readonly resends: ResendWatch;
  readonly died: () => void;
}

const RESTART_MS = { least: 200, most: 8000 };
const STOP_DEADLINE_MS = 5000;
/** Far more than stopping may take beyond its deadline, calls that time out included. */
const LONGEST_STOP_MS = 60_000;

export class CoordinatorMachine {
  readonly name: string;
  readonly wall: WallClock;
  readonly #execution: Execution;
  readonly #settings: MachineSettings;
  readonly #portsOf: PortsOf;
  readonly #random: SeededRandom;
  #incarnation = 0;
  #running: Running | undefined;
  /** Whether it takes requests. */
  #listens = false;

  constructor(execution: Execution, settings: MachineSettings, portsOf: PortsOf) {
    this.#execution = execution;
    this.#settings = settings;
    this.name = settings.name;
    this.wall = settings.wall;
    this.#portsOf = portsOf;
    this.#random = execution.random.fork(settings.name);
  }

  /** Whoever is there to take requests: it may be frozen. */
  get listening(): Running | undefined {
    return this.#listens ? this.#running : undefined;
  }

  get running(): Running | undefined {
    return this.#running;
  }

  /** It lives, and has accepted the batch, or holds it as it was found. */
  couldPutBack({ id, coordinatorId }: BatchDocument): boolean {
    if (this.#running === undefined || this.#running.host.isDead) return false;
    const { host, coordinator } = this.#running;
    return coordinatorId === host.name || coordinator.ledger.lookup(id) !== undefined;
  }

  start(): void {
    this.#incarnation += 1;
    const host = new Host(this.#execution.time, this.wall, `${this.name}.${this.#incarnation}`);
    host.onDeath(() => {
      this.#settings.died();
      this.#startAgain();
    });
    const logger = this.#loggerOf(host);
    const random = this.#execution.random.fork(`chance of ${host.name}`);
    const ports = { random, logger, ...this.#portsOf(host, () => coordinator) };
    const coordinator: Coordinator = new Coordinator(ports, {
      ...this.#settings.options,
      coordinatorId: host.name,
    });
    const { rewriting, intake, drain, stats, keys, stackResets } = coordinator;
    const running = {
      host,
      coordinator,
      ports,
      infer: { ...rewriting, keys, stackResets, intake, drain, stats, logger },
    };
    this.#running = running;
    this.#execution.tell(() => `${host.name} starts`);
    coordinator.heartbeats.refresh().then(
      () => {
        coordinator.start();
        this.#listens = !host.isDead;
      },
      () => host.kill(),
    );
  }

  /** SIGTERM: drains, ends, and is started again. */
  stop(): void {
    const running = this.listening;
    if (running === undefined) return;
    this.#listens = false;
    const { host, coordinator } = running;
    host.enter(() => {
      const fromMs = this.#execution.time.nowMs;
      void coordinator.stop(STOP_DEADLINE_MS).then(() => {
        const tookMs = this.#execution.time.nowMs - fromMs;
        if (tookMs > LONGEST_STOP_MS) {
          this.#execution.broken('stopping ends in time', `${host.name} took ${tookMs} ms`);
        }
        host.kill();
      });
    });
  }

  #startAgain(): void {
    this.#listens = false;
    this.#execution.tell(() => `${this.name} is dead`);
    this.#execution.time.after(this.#random.magnitude(RESTART_MS.least, RESTART_MS.most), () => this.start());
  }

  /** An error is what nobody expected; warnings are what the trace is read for. */
  #loggerOf(host: Host): Logger {
    const tell = (fields: object, event: string) =>
      this.#execution.tell(() => `${host.name} LOG ${event} ${JSON.stringify(fields)}`);
    return {
      debug: tell,
      info: tell,
      warn: (fields, event) => {
        tell(fields, event);
        if (event === 'batch.resent') this.#settings.resends.told(fields);
      },
      error: (fields, event) => {
        tell(fields, event);
        this.#execution.broken(
          'no error that nobody expected',
          `${host.name} ${event} ${JSON.stringify(fields)}`,
        );
      },
    };
  }
}
