/** `GET /events` sends these, one JSON object an event. `GET /tasks/:id/events` sends the task as `GET /tasks/:id` does. */
import type { QueueDepth } from '../stack/batch-queue.js';
import type { StatsEvent } from '../stats/stats.js';
import type { TaskAnswer } from './answers.js';
import type { WorkerView } from '../worker/worker-view.js';

/** How far back a stream can begin, and what `Last-Event-ID` can make up for. */
export const MAX_REPLAY_SECONDS = 600;

/** `event: stats`: one second of all coordinators. A row that came late makes its second come once more. */
export interface LiveSecond {
  /** Epoch seconds. */
  readonly second: number;
  /** Whose rows are in it: none where nothing happened, or nobody was there to write it down. */
  readonly coordinators: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Latency of the tasks that became terminal in it, from admission; null where there were none. */
  readonly latency: Readonly<Record<'p50Ms' | 'p90Ms' | 'p95Ms' | 'p99Ms', number | null>>;
  /** Accepted and not yet final. */
  readonly outstandingTasks: number;
  /** As the queue said at the end of the second; null of seconds at which nobody looked. */
  readonly queue: LiveQueue | null;
  readonly events: readonly StatsEvent[];
}

/** Messages, each a batch of tasks. */
export interface LiveQueue extends QueueDepth {
  readonly deadLetters: number;
  readonly oldestQueuedMs: number;
}

/** `event: workers`: what `GET /workers` answers. */
export interface LiveWorkers {
  readonly workers: readonly WorkerView[];
}

/** `event: tasks`: the newest first. */
export interface LiveTasks {
  readonly tasks: readonly TaskGlance[];
}

export interface TaskGlance extends TaskAnswer {
  /** Its beginning. */
  readonly text: string;
  readonly createdAt: string;
}

/** `event: trouble`, when it changes: what of the above cannot be read just now. */
export interface LiveTrouble {
  readonly unread: readonly ('stats' | 'queue' | 'workers' | 'tasks')[];
}
