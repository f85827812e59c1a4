/** Counts of a run, whole and second by second, while it runs and after it. */
import { percentile } from '../kit/numbers/percentile.js';
import { Latencies, roundToTenth } from './latencies.js';
import { hasLatency, isError, isGood, noOutcomes, type Outcome } from './outcome.js';
import { correctedMs, rawMs, type EndedRecord, type RequestRecord } from './record.js';

/** The counts of one second; latencies are those of requests that ended in it. */
export interface Second {
  readonly second: number;
  readonly offered: number;
  readonly sent: number;
  readonly ended: number;
  readonly good: number;
  readonly errors: number;
  readonly dropped: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** How late the latest of its requests went out. */
  readonly lateMs: number;
}

type Counts = { -readonly [Name in Exclude<keyof Second, 'second' | 'p50Ms' | 'p99Ms'>]: number } & {
  readonly latenciesMs: number[];
};

export class Tally {
  readonly corrected = new Latencies();
  readonly raw = new Latencies();
  readonly outcomes: Record<Outcome, number> = noOutcomes();
  sent = 0;
  ended = 0;
  readonly #seconds: Counts[] = [];

  /** A request is due at that time, whether or not it goes out. */
  recordOffered(atMs: number): void {
    this.#at(atMs).offered += 1;
  }

  /** The load is over before it is due. */
  recordWithdrawn(atMs: number): void {
    this.#at(atMs).offered -= 1;
  }

  recordSent({ plannedAtMs, sentAtMs = plannedAtMs }: RequestRecord): void {
    this.sent += 1;
    const second = this.#at(sentAtMs);
    second.sent += 1;
    second.lateMs = Math.max(second.lateMs, sentAtMs - plannedAtMs);
  }

  recordEnded(record: EndedRecord): void {
    const { outcome, endedAtMs } = record;
    const second = this.#at(endedAtMs);
    this.outcomes[outcome] += 1;
    if (outcome === 'dropped') {
      second.dropped += 1;
      return;
    }
    this.ended += 1;
    second.ended += 1;
    if (isGood(outcome)) second.good += 1;
    if (isError(outcome)) second.errors += 1;
    if (!hasLatency(outcome)) return;
    this.corrected.record(correctedMs(record));
    this.raw.record(rawMs(record));
    second.latenciesMs.push(correctedMs(record));
  }

  get open(): number {
    return this.sent - this.ended;
  }

  second(number: number): Second {
    const { latenciesMs, ...counts } = this.#seconds[number] ?? emptyCounts();
    const of = (fraction: number): number | null => {
      const ms = percentile(latenciesMs, fraction);
      return ms === undefined ? null : roundToTenth(ms);
    };
    return {
      second: number,
      ...counts,
      lateMs: roundToTenth(counts.lateMs),
      p50Ms: of(0.5),
      p99Ms: of(0.99),
    };
  }

  /** All until that time. */
  seconds(untilMs: number): readonly Second[] {
    const wanted = this.#seconds.slice(0, Math.floor(untilMs / 1000) + 1);
    return wanted.map((_, number) => this.second(number));
  }

  #at(atMs: number): Counts {
    const number = Math.max(0, Math.floor(atMs / 1000));
    while (this.#seconds.length <= number) this.#seconds.push(emptyCounts());
    return this.#seconds[number] ?? emptyCounts();
  }
}

function emptyCounts(): Counts {
  return { offered: 0, sent: 0, ended: 0, good: 0, errors: 0, dropped: 0, lateMs: 0, latenciesMs: [] };
}
