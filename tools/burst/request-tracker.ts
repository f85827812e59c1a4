/** Sends the requests of a load, and keeps the record of each. */
import { RunningRequests } from '../kit/load/infer.js';
import { systemLoadClock } from '../kit/load/open-loop.js';
import { hasEnded, type PlannedRequest, type RequestRecord } from './record.js';
import { runRequest, type RequestOptions } from './run-request.js';
import { Tally } from './tally.js';
import { TimeLimits } from './time-limit.js';

export interface LoadOptions extends Omit<RequestOptions, 'now' | 'limits'> {
  /** Begins the id of every request. */
  readonly runId: string;
  /** Requests under way at once; beyond them none is sent. */
  readonly inFlight: number;
  /** How long what is under way is waited for once the load is stopped by hand. */
  readonly graceMs: number;
}

export interface LoadListener {
  /** `nowMs`: since the start of the load. */
  readonly onStart: (tally: Tally, now: () => number) => void;
  readonly onEnd: (record: RequestRecord) => void;
}

export class RequestTracker {
  readonly records: RequestRecord[] = [];
  readonly tally = new Tally();
  readonly #options: LoadOptions;
  readonly #watcher: LoadListener;
  readonly #startedAtMs = systemLoadClock.now();
  readonly #running = new RunningRequests();
  readonly #limits = new TimeLimits();

  constructor(options: LoadOptions, watcher: LoadListener) {
    this.#options = options;
    this.#watcher = watcher;
  }

  readonly now = (): number => this.sinceStart(systemLoadClock.now());

  sinceStart(onClockMs: number): number {
    return onClockMs - this.#startedAtMs;
  }

  async send({ index, texts }: PlannedRequest, plannedOnClockMs: number): Promise<void> {
    const plannedAtMs = this.sinceStart(plannedOnClockMs);
    const requestId = `${this.#options.runId}-${index + 1}`;
    const record: RequestRecord = { index, requestId, texts, plannedAtMs, tasks: [] };
    this.records.push(record);
    if (this.#running.count >= this.#options.inFlight) {
      this.#end(Object.assign(record, { outcome: 'dropped' as const, endedAtMs: this.now() }));
      return;
    }
    const options = { ...this.#options, now: this.now, limits: this.#limits };
    const request = runRequest(record, options).then(() => this.#end(record));
    this.tally.recordSent(record);
    await this.#running.track(request);
  }

  settled(): Promise<void> {
    return this.#running.settled();
  }

  /** As long as it was to last, or until the last request went out. */
  lastedMs(plannedMs: number): number {
    const lastSentMs = this.records.reduce((last, { sentAtMs = 0 }) => Math.max(last, sentAtMs), 0);
    return Math.max(lastSentMs, Number.isFinite(plannedMs) ? plannedMs : 0);
  }

  giveUp(): void {
    this.#limits.stop();
  }

  #end(record: RequestRecord): void {
    if (hasEnded(record)) this.tally.recordEnded(record);
    this.#watcher.onEnd(record);
  }
}
