/** One second of one coordinator's life, as the `stats` table holds it: the source of every view of rates. */

export interface StatsEvent {
  readonly atMs: number;
  /** Such as `worker.suspect`, `delivery.failed`. */
  readonly name: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

export interface StatsRow {
  readonly coordinatorId: string;
  /** Epoch seconds. */
  readonly second: number;
  /** Counters of that second by name: `accepted`, `succeeded`, `failed`, `expired`, `cancelled`, `rejected`,
   * `deliveries.succeeded`, `deliveries.failed`, `deliveries.lost`, `retries`, `late`, … */
  readonly counts: Readonly<Record<string, number>>;
  /** End-to-end latency of the tasks that became final, counts by bucket (see histogram.ts). */
  readonly latency: Readonly<Record<string, number>>;
  /** Accepted and not yet final, at the end of the second. */
  readonly outstandingTasks: number;
  /** Bytes of their texts, as messages hold them. Absent from rows of earlier versions. */
  readonly outstandingBytes?: number | undefined;
  readonly events: readonly StatsEvent[];
  /** Which row of which run of its coordinator it is: a second may come twice, where the clock stepped back. */
  readonly written?: { readonly runStartedAtMs: number; readonly number: number };
}
