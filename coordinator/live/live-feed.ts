/**
 * The feed of `GET /events` is read once a second for however many listen, and not at all while nobody does: the `stats`
 * table, the queue's attributes, the workers and the newest tasks, all by key.
 */
import { MAX_REPLAY_SECONDS, type LiveTrouble } from '../../contracts/http/live.js';
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { StatsStore, WorkerStore } from '../../contracts/stack/stores.js';
import { withoutOvertaken } from '../../contracts/stats/stats-summary.js';
import { messageOf } from '../../contracts/common/text.js';
import type { WorkerSightings } from '../../contracts/worker/worker-sightings.js';
import { readWorkers } from '../workers/read-workers.js';
import { NewestTasks } from './newest-tasks.js';
import { RotatingQueueReader } from './queue-reader.js';
import { RecentSeconds } from './recent-seconds.js';
import { LATE_SECONDS } from './stats-cursor.js';

/** After the end of a second, for its rows to be written. */
const GRACE_MS = 250;
/** Seconds of which a late reading of the queue may speak. */
const MAX_MISSED = 3;

export interface FeedPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly batches: BatchStore;
  readonly stats: StatsStore;
  readonly workers: WorkerStore;
  readonly sightings: WorkerSightings;
  readonly logger: Logger;
}

/** The latest reading as JSON, since all that listen are sent the same. */
export interface Reading {
  /** The last second that is over and read. */
  readonly upTo: number;
  readonly workers: string | undefined;
  readonly tasks: string | undefined;
  readonly trouble: string;
}

type Listener = (reading: Reading) => void;
type Part = LiveTrouble['unread'][number];

export class LiveFeed {
  readonly seconds = new RecentSeconds();
  readonly #ports: FeedPorts;
  readonly #queue: RotatingQueueReader;
  readonly #newest: NewestTasks;
  readonly #listeners = new Set<Listener>();
  #cancel: (() => void) | undefined;
  #history: Promise<void> | undefined;
  #latest: Reading | undefined;
  #upTo = 0;
  #queueUpTo = 0;

  constructor(ports: FeedPorts, visibilityTimeoutMs: number) {
    this.#ports = ports;
    this.#queue = new RotatingQueueReader(ports, visibilityTimeoutMs);
    this.#newest = new NewestTasks(ports.clock, ports.batches);
  }

  /** Calls at once with the latest reading, where there is one, and after every later one; returns the way to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    else if (this.#latest !== undefined) listener(this.#latest);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** Reads what can be replayed, once for all that listen. @throws StackUnavailableError */
  async readHistory(): Promise<void> {
    const nowMs = this.#ports.clock.now();
    this.#history ??= this.#ports.stats
      .range(nowMs - (MAX_REPLAY_SECONDS + LATE_SECONDS) * 1000, nowMs)
      .then((rows) => this.seconds.add(withoutOvertaken(rows)));
    const history = this.#history;
    try {
      await history;
    } catch (error) {
      if (this.#history === history) this.#history = undefined;
      throw error;
    }
  }

  /** The last second whose rows should be written by now. */
  lastOver(): number {
    return Math.floor((this.#ports.clock.now() - GRACE_MS) / 1000) - 1;
  }

  #start(): void {
    this.#upTo = this.lastOver();
    this.#queueUpTo = this.#upTo;
    let stopped = false;
    let cancelTimer: () => void = () => undefined;
    const run = () => {
      void this.#read(() => stopped).finally(() => {
        if (!stopped) cancelTimer = this.#ports.clock.timer(this.#untilNext(), run);
      });
    };
    this.#cancel = () => {
      stopped = true;
      cancelTimer();
    };
    run();
  }

  #stop(): void {
    this.#cancel?.();
    this.#latest = undefined;
    this.#history = undefined;
    this.#queue.forget();
    this.seconds.clear();
  }

  /** A moment after the next second is over, so that a row is sent soon after it was written. */
  #untilNext(): number {
    const sinceMs = (this.#ports.clock.now() - GRACE_MS) % 1000; // by the wall clock, as the rows
    return 1001 - sinceMs;
  }

  async #read(isStopped: () => boolean): Promise<void> {
    const unread: Part[] = [];
    const part = async <T>(name: Part, read: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await read();
      } catch (error) {
        unread.push(name);
        this.#ports.logger.debug({ part: name, error: messageOf(error) }, 'feed.read_failed');
        return undefined;
      }
    };
    const upTo = this.lastOver();
    if (upTo < this.#upTo) this.#stepBack(upTo);
    const [workers, tasks] = await Promise.all([
      part('workers', () => readWorkers(this.#ports)),
      part('tasks', () => this.#newest.read()),
      part('stats', () => this.#readSeconds(upTo, isStopped)),
      part('queue', () => this.#readQueue(upTo, isStopped)),
    ]);
    if (isStopped()) return;
    this.#latest = {
      upTo: this.#upTo,
      workers: workers && JSON.stringify(workers),
      tasks: tasks && JSON.stringify(tasks),
      trouble: JSON.stringify({ unread: unread.toSorted() } satisfies LiveTrouble),
    };
    for (const listener of [...this.#listeners]) listener(this.#latest);
  }

  /** From where the last reading ended, further back for rows that were written late. */
  async #readSeconds(upTo: number, isStopped: () => boolean): Promise<void> {
    const from = Math.max(this.#upTo, upTo - MAX_REPLAY_SECONDS) - LATE_SECONDS;
    const rows = await this.#ports.stats.range(from * 1000, (upTo + 1) * 1000);
    if (isStopped()) return;
    this.seconds.add(withoutOvertaken(rows));
    this.seconds.forgetBefore(upTo);
    this.#upTo = upTo;
  }

  #stepBack(upTo: number): void {
    this.seconds.forgetAfter(upTo);
    this.#upTo = upTo;
  }

  async #readQueue(upTo: number, isStopped: () => boolean): Promise<void> {
    const queue = await this.#queue.read();
    if (isStopped()) return;
    // A reading that came late stands for the seconds that it missed.
    const from = Math.max(this.#queueUpTo, upTo - MAX_MISSED) + 1;
    for (let second = Math.min(from, upTo); second <= upTo; second += 1) this.seconds.addQueue(second, queue);
    this.#queueUpTo = upTo;
  }
}
