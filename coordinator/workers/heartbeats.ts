/** Takes heartbeats in, keeps DynamoDB told, and learns from it of the workers that beat elsewhere. */
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { WorkerStore } from '../../contracts/stack/stores.js';
import { messageOf } from '../../contracts/common/text.js';
import {
  HEARTBEAT_INTERVAL_MS,
  workerState,
  type Heartbeat,
  type WorkerState,
} from '../../contracts/worker/worker.js';
import { WorkerSightings } from '../../contracts/worker/worker-sightings.js';
import { repeat } from '../async/repeat.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import type { AddressProofs } from './address-proofs.js';
import type { WorkerRegistry } from './registry.js';
import type { WorkerAddresses } from './worker-addresses.js';

const FORGET_AFTER_MS = 60_000;
const MAX_REMEMBERED = 1000;
/** Who has not looked at the table for so long does not know who beats elsewhere. */
const BLIND_AFTER_MS = 2.5 * HEARTBEAT_INTERVAL_MS;

export interface HeartbeatPorts {
  readonly clock: Clock;
  readonly workers: WorkerStore;
  /** Where workers may be; anywhere where absent. */
  readonly addresses?: Pick<WorkerAddresses, 'mayBeAt'> | undefined;
  /** Proofs of the records that coordinators leave each other; all are believed where absent. */
  readonly proofs?: AddressProofs | undefined;
  readonly registry: WorkerRegistry;
  readonly stats: StatsRecorder;
  readonly logger: Logger;
}

export class Heartbeats {
  readonly sightings: WorkerSightings;
  readonly #ports: HeartbeatPorts;
  readonly #refused = new Map<string, string>();
  readonly #lastStates = new Map<string, WorkerState>();

  constructor(ports: HeartbeatPorts) {
    this.#ports = ports;
    this.sightings = new WorkerSightings(ports.clock);
  }

  /**
   * @throws BoomerangError `address_not_allowed`; `worker_id_taken` where the id is a worker's at another address
   * @throws StackUnavailableError where DynamoDB cannot be told; the registry knows all the same.
   */
  async beat(id: string, heartbeat: Heartbeat): Promise<void> {
    if (!this.#mayBeAt(id, heartbeat.address)) {
      throw new BoomerangError(
        'address_not_allowed',
        'a worker at that address gets no work: loopback, or what WORKER_ADDRESSES lists',
      );
    }
    this.#refuseTakenId(id, heartbeat.address);
    const proof = this.#ports.proofs?.sign(id, heartbeat.address);
    const heartbeatAtMs = this.#ports.clock.now();
    const record = { ...heartbeat, id, heartbeatAtMs, ...(proof === undefined ? {} : { proof }) };
    const process = this.sightings.isKnown(record) ? 'known' : 'new';
    this.sightings.recordBeat(record);
    if (this.#ports.registry.recordBeat(record)) {
      this.#ports.logger.info({ workerId: id, address: heartbeat.address }, 'worker.registered');
      this.#ports.stats.event('worker.registered', { workerId: id, process });
    }
    const suspicion = this.#ports.registry.healthReasonOf(id);
    await this.#ports.workers.put(suspicion === undefined ? record : { ...record, suspicion });
  }

  /** Reads the table once a second and tells of workers that changed their state; returns the way to stop. */
  start(): () => Promise<void> {
    return repeat(this.#ports.clock, HEARTBEAT_INTERVAL_MS, async () => {
      try {
        await this.refresh();
      } catch (error) {
        this.#ports.logger.debug({ error: messageOf(error) }, 'workers.read_failed');
      }
      this.#reportChanges();
      this.#ports.registry.forgetGone(FORGET_AFTER_MS);
    });
  }

  async refresh(): Promise<void> {
    const records = await this.#ports.workers.list();
    const proven = records.filter((record) => this.#ports.proofs?.verify(record) ?? true);
    const allowed = proven.filter(({ id, address }) => this.#mayBeAt(id, address));
    for (const worker of this.sightings.observe(allowed)) {
      if (workerState(worker.state, worker.silentMs) !== 'down')
        this.#ports.registry.recordRemoteBeat(worker);
    }
  }

  /** Each is told of once, for as long as it stays the same. */
  #mayBeAt(id: string, address: string): boolean {
    if (this.#ports.addresses?.mayBeAt(address) ?? true) return true;
    if (this.#refused.size >= MAX_REMEMBERED) this.#refused.clear();
    if (this.#refused.get(id) !== address) {
      this.#ports.stats.count('workersRefused');
      this.#ports.logger.warn({ workerId: id, address }, 'worker.address_refused');
    }
    this.#refused.set(id, address);
    return false;
  }

  /** Until its process is down, an id belongs to the address from which it first came. */
  #refuseTakenId(id: string, address: string): void {
    const { registry, logger } = this.#ports;
    const holder = this.sightings.addressOf(id);
    if (holder === undefined || holder === address || registry.hasRefused(id)) return;
    if (!this.sightings.mayBeAlive(id) && this.sightings.wasReadWithin(BLIND_AFTER_MS)) return;
    logger.warn({ workerId: id, address, holder }, 'worker.id_taken');
    throw new BoomerangError('worker_id_taken', `${id} is the id of a worker at another address`);
  }

  #reportChanges(): void {
    for (const { id, state } of this.#ports.registry.all()) {
      const before = this.#lastStates.get(id);
      this.#lastStates.set(id, state);
      if (before === undefined || before === state) continue;
      this.#ports.logger.info({ workerId: id, state, before }, 'worker.state');
      this.#ports.stats.event('worker.state', { workerId: id, state, before });
    }
  }
}
