/** All that the monitor knows at one moment. Views are made of it, and of nothing else. */
import type { QueueDepth } from '../../../contracts/stack/batch-queue.js';
import type { StatsEvent, StatsRow } from '../../../contracts/stats/stats.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import type { ObservedWorker } from '../../../contracts/worker/worker-sightings.js';

/** The latest result of one kind of read. A read that fails keeps the earlier value and adds the problem. */
export interface Source<T> {
  readonly value: T;
  /** Absent before the first read that worked. */
  readonly readAtMs?: number;
  /** Why the latest try failed. */
  readonly problem?: string;
}

export interface QueueReading {
  readonly depth: QueueDepth;
  readonly deadLetters: number;
  /** The longest that an unfinished batch has gone untouched. */
  readonly oldestQueuedMs: number;
}

/** The queue at one refresh: nobody keeps its past but whoever watches. */
export interface QueueSample extends QueueReading {
  readonly second: number;
}

export interface Snapshot {
  readonly workers: Source<readonly ObservedWorker[]>;
  readonly queue: Source<QueueReading>;
  readonly stats: Source<readonly StatsRow[]>;
  /** When the latest row of them came, epoch ms by our own clock: those of the coordinators may be others. */
  readonly lastRowAtMs?: number;
  /** Newest first. */
  readonly tasks: Source<readonly TaskView[]>;
  /** Tasks of the batch in the open popup, which may be older than all others. */
  readonly watched: readonly TaskView[];
  readonly samples: readonly QueueSample[];
  /** Tasks that each worker answered or failed, each second. */
  readonly served: ReadonlyMap<string, readonly ServedSample[]>;
  /** Events that the monitor itself noticed: restarts, changed faults. */
  readonly noticed: readonly StatsEvent[];
}

export interface ServedSample {
  readonly second: number;
  readonly tasks: number;
}

export const EMPTY_SNAPSHOT: Snapshot = {
  workers: { value: [] },
  queue: { value: { depth: { visible: 0, inFlight: 0, delayed: 0 }, deadLetters: 0, oldestQueuedMs: 0 } },
  stats: { value: [] },
  tasks: { value: [] },
  watched: [],
  samples: [],
  served: new Map(),
  noticed: [],
};
