/**
 * The workers as this coordinator sees them: their heartbeats (its own and, from DynamoDB, those that other
 * coordinators got), what it has running at each, and whether each accepts connections.
 */
import type { WorkerAddress } from '../../contracts/ports.js';
import type { Clock } from '../../contracts/ports.js';
import { workerState, type WorkerRecord, type WorkerState } from '../../contracts/worker.js';

export interface WorkerSeen extends WorkerAddress {
  readonly state: WorkerState;
  /** Invokes of this coordinator that hold a slot there. */
  readonly busySlots: number;
  /** Reported by the worker: everybody's invokes. */
  readonly reportedInFlight: number;
}

interface Entry {
  record: WorkerRecord;
  busySlots: number;
  /** Refused a connection, and has not answered `GET /healthz` since. */
  refused: boolean;
}

export class WorkerRegistry {
  readonly #clock: Clock;
  readonly #slotsPerWorker: number;
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new Set<() => void>();

  constructor(clock: Clock, slotsPerWorker: number) {
    this.#clock = clock;
    this.#slotsPerWorker = slotsPerWorker;
  }

  /** Calls whenever slots may have become free: a beat, a slot given back, a worker that answers again. */
  onChange(listener: () => void): void {
    this.#changed.add(listener);
  }

  /** @returns whether the worker is new here or came back under another process */
  beat(record: WorkerRecord): boolean {
    const entry = this.#entries.get(record.id);
    const startedBefore = entry?.record.startedAt;
    if (entry === undefined) {
      this.#entries.set(record.id, { record, busySlots: 0, refused: false });
    } else if (record.heartbeatAtMs >= entry.record.heartbeatAtMs) {
      entry.record = record;
    }
    this.#notify();
    return startedBefore !== record.startedAt;
  }

  all(): WorkerSeen[] {
    return [...this.#entries].map(([id, entry]) => this.#seen(id, entry));
  }

  upCount(): number {
    return this.all().filter((worker) => worker.state === 'up').length;
  }

  /** Slots of workers that are up and not in use by this coordinator. */
  freeSlots(): number {
    return this.withFreeSlot().reduce((sum, worker) => sum + this.#slotsPerWorker - worker.busySlots, 0);
  }

  withFreeSlot(): WorkerSeen[] {
    return this.all().filter((worker) => worker.state === 'up' && worker.busySlots < this.#slotsPerWorker);
  }

  occupy(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.busySlots += 1;
  }

  vacate(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.busySlots -= 1;
    this.#notify();
  }

  refusedConnection(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.refused = true;
  }

  answeredProbe(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.refused = false;
    this.#notify();
  }

  /** Forgets workers that are gone and owe nothing; one that comes back is new. */
  forgetGone(goneForMs: number): void {
    const before = this.#clock.now() - goneForMs;
    for (const [id, { record, busySlots }] of this.#entries) {
      if (record.heartbeatAtMs < before && busySlots === 0) this.#entries.delete(id);
    }
  }

  /** Workers that refused a connection and must answer a probe before they get work. */
  toProbe(): WorkerAddress[] {
    return [...this.#entries]
      .filter(([, entry]) => entry.refused && workerState(entry.record, this.#clock.now()) !== 'down')
      .map(([id, entry]) => ({ id, address: entry.record.address }));
  }

  #seen(id: string, entry: Entry): WorkerSeen {
    const state = workerState(entry.record, this.#clock.now());
    return {
      id,
      address: entry.record.address,
      state: entry.refused && state === 'up' ? 'suspect' : state,
      busySlots: entry.busySlots,
      reportedInFlight: entry.record.inFlight,
    };
  }

  #notify(): void {
    for (const listener of this.#changed) listener();
  }
}
