/** Counts what happens in each second and writes it to the `stats` table: what monitor, dashboard and /stats read. */
import type { Clock, Logger, StatsStore } from '../../contracts/ports.js';
import type { StatsEvent, StatsRow } from '../../contracts/stats.js';
import { messageOf } from '../../contracts/text.js';
import { repeat } from '../repeat.js';
import { bucketOf } from '../../contracts/histogram.js';

const MOST_EVENTS_A_SECOND = 50;

export interface StatsRecorderPorts {
  readonly clock: Clock;
  readonly stats: StatsStore;
  readonly logger: Logger;
}

export class StatsRecorder {
  readonly #ports: StatsRecorderPorts;
  readonly #coordinatorId: string;
  readonly #outstandingTasks: () => number;
  #counts: Record<string, number> = {};
  #latency: Record<string, number> = {};
  #events: StatsEvent[] = [];
  #lastOutstanding = 0;
  #lastSecond = 0;

  constructor(ports: StatsRecorderPorts, coordinatorId: string, outstandingTasks: () => number) {
    this.#ports = ports;
    this.#coordinatorId = coordinatorId;
    this.#outstandingTasks = outstandingTasks;
  }

  count(name: string, by = 1): void {
    if (by !== 0) this.#counts[name] = (this.#counts[name] ?? 0) + by;
  }

  latency(ms: number): void {
    const bucket = bucketOf(ms);
    this.#latency[bucket] = (this.#latency[bucket] ?? 0) + 1;
  }

  event(name: string, fields: StatsEvent['fields']): void {
    if (this.#events.length < MOST_EVENTS_A_SECOND)
      this.#events.push({ atMs: this.#ports.clock.now(), name, fields });
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
    const row = this.#takeRow();
    if (row === undefined) return;
    try {
      await this.#ports.stats.put(row);
    } catch (error) {
      this.#ports.logger.debug({ error: messageOf(error) }, 'stats.unwritten');
    }
  }

  #takeRow(): StatsRow | undefined {
    const outstandingTasks = this.#outstandingTasks();
    const idle = Object.keys(this.#counts).length === 0 && this.#events.length === 0;
    if (idle && outstandingTasks === 0 && this.#lastOutstanding === 0) return undefined;
    this.#lastOutstanding = outstandingTasks;
    this.#lastSecond = Math.max(this.#lastSecond + 1, Math.floor(this.#ports.clock.now() / 1000));
    const row: StatsRow = {
      coordinatorId: this.#coordinatorId,
      second: this.#lastSecond,
      counts: this.#counts,
      latency: this.#latency,
      outstandingTasks,
      events: this.#events,
    };
    this.#counts = {};
    this.#latency = {};
    this.#events = [];
    return row;
  }
}
