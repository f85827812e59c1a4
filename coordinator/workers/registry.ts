/**
 * The workers as this coordinator sees them: their heartbeats (its own and, from DynamoDB, those that other
 * coordinators got), what it has running at each, whether each accepts connections, and whether its invokes work.
 */
import { invariant } from '../../contracts/common/invariant.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { WorkerAddress } from '../../contracts/worker/function-client.js';
import type { ObservedWorker } from '../../contracts/worker/worker-sightings.js';
import {
  isUnresponsive,
  workerState,
  type WorkerHealthReason,
  type WorkerRecord,
  type WorkerState,
} from '../../contracts/worker/worker.js';
import { WorkerHealth, type Ejection, type HealthPhase } from './worker-health.js';

export interface WorkerSnapshot extends WorkerAddress {
  readonly state: WorkerState;
  /** Invokes of this coordinator that hold a slot there. */
  readonly busySlots: number;
  /** Further invokes that it may be given now. */
  readonly freeSlots: number;
  /** Reported by the worker: everybody's invokes. */
  readonly reportedInFlight: number;
}

interface Entry {
  record: WorkerRecord;
  /** Monotonic. */
  heardAt: number;
  busySlots: number;
  /** Refused a connection, and has not answered `GET /healthz` since. */
  refused: boolean;
  readonly health: WorkerHealth;
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

  /** It beats here. @returns whether the worker is new here or came back under another process */
  recordBeat(record: WorkerRecord): boolean {
    const startedBefore = this.#entries.get(record.id)?.record.startedAt;
    this.#enter(record, this.#clock.monotonic());
    return startedBefore !== record.startedAt;
  }

  /** It beats elsewhere; an id stays with its address as long as somebody beats from there. */
  recordRemoteBeat({ silentMs, ...record }: ObservedWorker): void {
    const entry = this.#entries.get(record.id);
    const heardAt = this.#clock.monotonic() - silentMs;
    if (entry !== undefined && heardAt <= entry.heardAt) return;
    if (entry !== undefined && entry.record.address !== record.address && this.#isHeld(entry)) return;
    this.#enter(record, heardAt);
  }

  /** Whether it refused a connection, and has not answered `GET /healthz` since. */
  hasRefused(id: string): boolean {
    return this.#entries.get(id)?.refused === true;
  }

  all(): WorkerSnapshot[] {
    const noneIsFit = this.#noneIsFit();
    return [...this.#entries].map(([id, entry]) => this.#seen(id, entry, noneIsFit));
  }

  upCount(): number {
    return this.all().filter((worker) => worker.state === 'up').length;
  }

  /** Slots that are not in use by this coordinator, of workers that may be given work. */
  freeSlots(): number {
    return this.all().reduce((sum, worker) => sum + worker.freeSlots, 0);
  }

  withFreeSlot(): WorkerSnapshot[] {
    return this.all().filter((worker) => worker.freeSlots > 0);
  }

  /** Faults that each worker injected since its process started, by kind, as its last beat told. */
  injectedFaults(): (readonly [workerId: string, faults: Readonly<Record<string, number>>])[] {
    return [...this.#entries].map(([id, { record }]) => [id, record.injected ?? {}]);
  }

  /** @param id of a worker that has a free slot */
  occupy(id: string): void {
    const entry = this.#entries.get(id);
    invariant(entry !== undefined, () => `there is no worker ${id} to occupy`);
    invariant(entry.busySlots < this.#slotsPerWorker, () => `all slots of worker ${id} are occupied`);
    entry.busySlots += 1;
  }

  vacate(id: string): void {
    const entry = this.#entries.get(id);
    invariant(entry !== undefined && entry.busySlots > 0, () => `no slot of worker ${id} is occupied`);
    entry.busySlots -= 1;
    this.#notify();
  }

  recordRefusedConnection(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.refused = true;
  }

  /** @returns whether the worker was ejected before and is back by this */
  recordInvokeSuccess(id: string, startedAt: number): boolean {
    const isBack = this.#entries.get(id)?.health.recordSuccess(startedAt) ?? false;
    if (isBack) this.#notify();
    return isBack;
  }

  /**
   * @returns the ejection of the worker, if this was one failure too many. Half of the workers that are there are left
   * alone: where most fail, it is not they that are broken.
   */
  recordInvokeFailure(id: string, batchId: BatchId, startedAt: number): Ejection | undefined {
    const entry = this.#entries.get(id);
    if (entry?.health.recordFailure(batchId, startedAt) !== true) return undefined;
    const others = [...this.#entries.values()].filter((other) => other !== entry && this.#isThere(other));
    const fit = others.filter(({ health }) => health.phase === 'working');
    if (entry.health.phase === 'working' && fit.length < (others.length + 1) / 2) return undefined;
    return entry.health.eject();
  }

  /** @returns the phase of the worker's health after this */
  recordProbeAnswer(id: string): HealthPhase | undefined {
    const entry = this.#entries.get(id);
    if (entry !== undefined) {
      entry.refused = false;
      entry.health.recordProbeAnswer();
    }
    this.#notify();
    return entry?.health.phase;
  }

  /** Whether the worker, as its last beat told, has tasks of the batch in hand; a hung one beats and has none. */
  isComputing(id: string, batchId: BatchId): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || this.#stateOf(entry) === 'down') return false;
    return entry.record.computing?.includes(batchId) ?? false;
  }

  healthReasonOf(id: string): WorkerHealthReason | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.refused) return { reason: 'refused' };
    if (isUnresponsive(entry.record)) return { reason: 'unresponsive' };
    const { ejection, phase } = entry.health;
    if (ejection === undefined) return undefined;
    return { reason: phase === 'trial' ? 'trial' : 'ejected', ejectedUntilMs: ejection.untilMs };
  }

  /** Forgets workers that are gone and owe nothing; one that comes back is new. */
  forgetGone(goneForMs: number): void {
    const before = this.#clock.monotonic() - goneForMs;
    for (const [id, { heardAt, busySlots }] of this.#entries) {
      if (heardAt < before && busySlots === 0) this.#entries.delete(id);
    }
  }

  /** Workers that refused a connection, or whose ejection is over: they must answer a probe before they get work. */
  toProbe(): WorkerAddress[] {
    return [...this.#entries]
      .filter(([, { refused, health }]) => refused || health.phase === 'probing')
      .filter(([, entry]) => this.#stateOf(entry) !== 'down')
      .map(([id, entry]) => ({ id, address: entry.record.address }));
  }

  #enter(record: WorkerRecord, heardAt: number): void {
    const entry = this.#entries.get(record.id);
    if (entry === undefined) {
      const health = new WorkerHealth(this.#clock);
      this.#entries.set(record.id, { record, heardAt, busySlots: 0, refused: false, health });
    } else {
      entry.record = record;
      entry.heardAt = heardAt;
    }
    this.#notify();
  }

  #stateOf({ record, heardAt }: Entry): WorkerState {
    return workerState(record.state, this.#clock.monotonic() - heardAt);
  }

  #isHeld(entry: Entry): boolean {
    return !entry.refused && this.#stateOf(entry) !== 'down';
  }

  #isThere(entry: Entry): boolean {
    return !entry.refused && !isUnresponsive(entry.record) && this.#stateOf(entry) === 'up';
  }

  /** Those that fail are better than nobody. */
  #noneIsFit(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.health.phase === 'working' && this.#isThere(entry)) return false;
    }
    return true;
  }

  #seen(id: string, entry: Entry, noneIsFit: boolean): WorkerSnapshot {
    const isThere = this.#isThere(entry);
    const isFit = noneIsFit || entry.health.phase === 'working';
    const isOnTrial = entry.health.phase === 'trial';
    const state = this.#stateOf(entry);
    const slots = isFit ? this.#slotsPerWorker : isOnTrial ? 1 : 0;
    return {
      id,
      address: entry.record.address,
      state: state === 'up' && !(isThere && (isFit || isOnTrial)) ? 'suspect' : state,
      busySlots: entry.busySlots,
      freeSlots: isThere ? Math.max(0, slots - entry.busySlots) : 0,
      reportedInFlight: entry.record.inFlight,
    };
  }

  #notify(): void {
    for (const listener of this.#changed) listener();
  }
}
