/**
 * How long each worker has been silent, as one process sees it: since it last saw that the worker's record had changed,
 * by its own monotonic clock. The time in a record is another machine's, or may be from before a step of the clock.
 *
 * Of a record that is seen for the first time nobody knows how old it is. What its time says is believed where it is
 * plausible; else the worker counts as down until its next beat, a second later.
 */
import type { Clock } from '../system/clock.js';
import { DOWN_AFTER_MS, type WorkerRecord } from './worker.js';

/** Clocks that somebody keeps differ by at most this much. */
export const CLOCKS_DIFFER_MS = 15_000;
const FORGOTTEN_AFTER_MS = 2 * 3_600_000;

export interface ObservedWorker extends WorkerRecord {
  /** Since it was last heard of; also that of the process before, where another took over its id. */
  readonly silentMs: number;
}

interface Sighting {
  record: Pick<WorkerRecord, 'address' | 'startedAt' | 'beat'>;
  /** The last heartbeat of the process before, which the table may tell once more. */
  former: Sighting['record'] | undefined;
  /** The beat of the record that the table held when it was last read. */
  version: string;
  /** Monotonic. */
  heardAt: number;
  /** Monotonic, as far as it was watched: when it was last found changed, or first seen. */
  changedAt: number;
}

export class WorkerSightings {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #sightings = new Map<string, Sighting>();
  #readAt = -Infinity;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** It told this process itself. */
  recordBeat(record: WorkerRecord): void {
    const nowMs = this.#clock.monotonic();
    const former = formerOf(this.#sightings.get(record.id), record);
    const version = versionOf(record);
    this.#sightings.set(record.id, { record, former, version, heardAt: nowMs, changedAt: nowMs });
  }

  /** Takes in what the table holds now. */
  observe(records: readonly WorkerRecord[]): readonly ObservedWorker[] {
    const nowMs = this.#clock.monotonic();
    this.#readAt = nowMs;
    this.#forget(nowMs);
    return records.map((record) => ({ ...record, silentMs: Math.max(0, nowMs - this.#see(record, nowMs)) }));
  }

  /** From where it was last heard of. */
  addressOf(id: string): string | undefined {
    return this.#sightings.get(id)?.record.address;
  }

  /** Whether the last that was heard under the id was of this process. */
  isKnown({ id, startedAt }: Pick<WorkerRecord, 'id' | 'startedAt'>): boolean {
    return this.#sightings.get(id)?.record.startedAt === startedAt;
  }

  /** Since any of them was heard of, by whatever coordinator. */
  leastSilentMs(): number | undefined {
    const heardAt = Math.max(...[...this.#sightings.values()].map((sighting) => sighting.heardAt));
    return Number.isFinite(heardAt) ? Math.max(0, this.#clock.monotonic() - heardAt) : undefined;
  }

  /** Whether it has not been watched in silence long enough to be down. */
  mayBeAlive(id: string): boolean {
    const changedAt = this.#sightings.get(id)?.changedAt ?? -Infinity;
    return this.#clock.monotonic() - changedAt < DOWN_AFTER_MS;
  }

  /** Whether the table was read within so long: else a worker that beats elsewhere seems silent. */
  wasReadWithin(ms: number): boolean {
    return this.#clock.monotonic() - this.#readAt <= ms;
  }

  #see(record: WorkerRecord, nowMs: number): number {
    const known = this.#sightings.get(record.id);
    const version = versionOf(record);
    if (known === undefined) {
      const sighting = { record, former: undefined, version, ...this.#atFirst(record, nowMs) };
      this.#sightings.set(record.id, sighting);
      return sighting.heardAt;
    }
    if (known.version === version) return known.heardAt;
    known.version = version;
    const isHeld = record.address !== known.record.address && nowMs - known.changedAt < DOWN_AFTER_MS;
    if (isHeld || isOlder(record, known)) return known.heardAt;
    known.former = formerOf(known, record);
    known.record = record;
    known.heardAt = nowMs;
    known.changedAt = nowMs;
    return nowMs;
  }

  #atFirst({ heartbeatAtMs }: WorkerRecord, nowMs: number): Pick<Sighting, 'heardAt' | 'changedAt'> {
    const ageMs = this.#clock.now() - heartbeatAtMs;
    const isPlausible = Math.abs(ageMs) < DOWN_AFTER_MS;
    const silentMs = isPlausible ? Math.max(0, ageMs) : Math.max(DOWN_AFTER_MS, ageMs);
    const isLongGone = ageMs > DOWN_AFTER_MS + CLOCKS_DIFFER_MS;
    return { heardAt: nowMs - silentMs, changedAt: isLongGone ? -Infinity : nowMs };
  }

  #forget(nowMs: number): void {
    for (const [id, { heardAt }] of this.#sightings) {
      if (nowMs - heardAt > FORGOTTEN_AFTER_MS) this.#sightings.delete(id);
    }
  }
}

/** Workers of an earlier version do not count their beats. */
function versionOf({ startedAt, beat, heartbeatAtMs }: WorkerRecord): string {
  return `${startedAt} ${beat ?? ''} ${heartbeatAtMs}`;
}

/** A write that landed late, or a reply that was overtaken. */
function isOlder({ startedAt, beat }: WorkerRecord, { record, former }: Sighting): boolean {
  const known = [record, former].find((one) => one?.startedAt === startedAt);
  return known !== undefined && beat !== undefined && beat <= (known.beat ?? -1);
}

function formerOf(known: Sighting | undefined, { startedAt }: WorkerRecord): Sighting['former'] {
  return known === undefined || known.record.startedAt === startedAt ? known?.former : known.record;
}
