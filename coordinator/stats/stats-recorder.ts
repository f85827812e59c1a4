/** Counts what happens in each second and writes it to the `stats` table: what monitor, dashboard and /stats read. */
import { StackThrottledError, StackUnavailableError } from '../../contracts/errors/errors.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { StatsStore } from '../../contracts/stack/stores.js';
import type { CounterName, EventFields, EventName } from '../../contracts/stats/events.js';
import type { StatsEvent, StatsRow } from '../../contracts/stats/stats.js';
import { messageOf } from '../../contracts/common/text.js';
import { repeat } from '../async/repeat.js';
import { bucketOf } from '../../contracts/stats/histogram.js';

const MAX_EVENTS_A_SECOND = 50;
/** Rows that wait for a store which is away; of two minutes of seconds, the latest. */
const MAX_UNWRITTEN_ROWS = 120;
/** A tick that came a little early is no step of the clock: its second is the next one. */
const EARLY_SECONDS = 1;

export interface StatsRecorderPorts {
  readonly clock: Clock;
  readonly stats: StatsStore;
  readonly logger: Logger;
}

/** The tasks that are accepted and not terminal now. */
export interface Outstanding {
  readonly outstandingTasks: number;
  readonly outstandingBytes: number;
}

export class StatsRecorder {
  readonly #ports: StatsRecorderPorts;
  readonly #coordinatorId: string;
  readonly #outstanding: Outstanding;
  #counts: Record<string, number> = {};
  /** The sums of the seconds before this one. */
  readonly #totals: Record<string, number> = {};
  #latency: Record<string, number> = {};
  #events: StatsEvent[] = [];
  /** The oldest first. */
  #unwritten: StatsRow[] = [];
  #lastOutstanding = 0;
  #lastSecond = 0;
  readonly #runStartedAtMs: number;
  #number = 0;

  constructor(ports: StatsRecorderPorts, coordinatorId: string, outstanding: Outstanding) {
    this.#ports = ports;
    this.#coordinatorId = coordinatorId;
    this.#outstanding = outstanding;
    this.#runStartedAtMs = ports.clock.now();
  }

  count(name: CounterName, by = 1): void {
    if (by !== 0) this.#counts[name] = (this.#counts[name] ?? 0) + by;
  }

  /** Since the start. */
  total(name: CounterName): number {
    return (this.#totals[name] ?? 0) + (this.#counts[name] ?? 0);
  }

  recordLatency(ms: number): void {
    const bucket = bucketOf(ms);
    this.#latency[bucket] = (this.#latency[bucket] ?? 0) + 1;
  }

  event<Name extends EventName>(name: Name, fields: EventFields[Name]): void {
    if (this.#events.length < MAX_EVENTS_A_SECOND)
      this.#events.push({ atMs: this.#ports.clock.now(), name, fields: { ...fields } });
  }

  /** Writes a row a second, none while nothing happens; returns the way to stop, which writes the last one. */
  start(): () => Promise<void> {
    const stop = repeat(this.#ports.clock, 1000, () => this.#flush());
    return async () => {
      await stop();
      await this.#flush();
    };
  }

  async #flush(): Promise<void> {
    const taken = this.#takeRow();
    if (taken !== undefined) this.#unwritten = [...this.#unwritten, taken].slice(-MAX_UNWRITTEN_ROWS);
    let throttledMinute = -1;
    for (const row of [...this.#unwritten]) {
      if (minuteOf(row) === throttledMinute) continue; // they lie in one partition
      const error = await this.#write(row);
      if (!(error instanceof StackUnavailableError)) this.#forget(row); // written, or it never will be taken
      if (error === undefined) continue;
      this.#ports.logger.debug(
        { rows: this.#unwritten.length, error: messageOf(error) },
        'stats.write_failed',
      );
      if (!(error instanceof StackThrottledError)) return;
      throttledMinute = minuteOf(row);
    }
  }

  /** Written twice, where a reply was lost, it is the same row. @returns why it could not be written */
  async #write(row: StatsRow): Promise<unknown> {
    try {
      await this.#ports.stats.put(row);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #forget(row: StatsRow): void {
    this.#unwritten = this.#unwritten.filter((unwritten) => unwritten !== row);
  }

  /** That of the wall clock, by which all that reads looks for it; none twice, unless the clock steps back. */
  #nextSecond(): number {
    const second = Math.floor(this.#ports.clock.now() / 1000);
    const isSteppedBack = second < this.#lastSecond - EARLY_SECONDS;
    return isSteppedBack ? second : Math.max(this.#lastSecond + 1, second);
  }

  #takeRow(): StatsRow | undefined {
    const { outstandingTasks, outstandingBytes } = this.#outstanding;
    const idle = Object.keys(this.#counts).length === 0 && this.#events.length === 0;
    if (idle && outstandingTasks === 0 && this.#lastOutstanding === 0) return undefined;
    this.#lastOutstanding = outstandingTasks;
    this.#lastSecond = this.#nextSecond();
    this.#number += 1;
    const row: StatsRow = {
      coordinatorId: this.#coordinatorId,
      second: this.#lastSecond,
      counts: this.#counts,
      latency: this.#latency,
      outstandingTasks,
      outstandingBytes,
      events: this.#events,
      written: { runStartedAtMs: this.#runStartedAtMs, number: this.#number },
    };
    for (const [name, count] of Object.entries(this.#counts)) {
      this.#totals[name] = (this.#totals[name] ?? 0) + count;
    }
    this.#counts = {};
    this.#latency = {};
    this.#events = [];
    return row;
  }
}

function minuteOf({ second }: StatsRow): number {
  return Math.floor(second / 60);
}
