/** An event stream that reconnects: it resumes after the last event, and waits longer after each failure. */
import { ApiProblem, readStream, type StreamEvent } from './api.js';

export type StreamState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `againAtMs` is on the time scale of `performance.now()`. */
  | { readonly kind: 'broken'; readonly problem: string; readonly againAtMs: number }
  | { readonly kind: 'resting' }
  | { readonly kind: 'over'; readonly problem?: string };

export interface StreamFollowerOptions {
  readonly path: string;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onState: (state: StreamState) => void;
  /** Whether the stream is complete. */
  readonly isDone?: () => boolean;
}

const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;

export class StreamFollower {
  readonly #options: StreamFollowerOptions;
  #abort: AbortController | undefined;
  #lastEventId: string | undefined;

  constructor(options: StreamFollowerOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#abort !== undefined;
  }

  start(): void {
    if (this.#abort !== undefined) return;
    this.#abort = new AbortController();
    void this.#run(this.#abort.signal);
  }

  /** A stopped follower can be started again, and resumes after the last event. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { path, onEvent, onState, isDone } = this.#options;
    const isStopped = () => signal.aborted;
    for (let failures = 0; !isStopped(); failures += 1) {
      let isLive = false;
      onState({ kind: 'connecting' });
      let problem = 'the coordinator ended the stream';
      let waitMs = 0;
      try {
        const hasMore = await readStream(path, this.#lastEventId, signal, (event) => {
          if (isStopped()) return;
          if (!isLive) onState({ kind: 'live' });
          isLive = true;
          failures = 0;
          this.#lastEventId = event.id ?? this.#lastEventId;
          onEvent(event);
        });
        if (!hasMore || isDone?.() === true) {
          onState({ kind: 'over' });
          return;
        }
      } catch (error) {
        if (isStopped()) return;
        if (error instanceof ApiProblem && error.status === 404) {
          onState({ kind: 'over', problem: error.message });
          return;
        }
        problem = error instanceof ApiProblem ? error.message : 'the coordinator does not answer';
        if (error instanceof ApiProblem) waitMs = error.retryAfterMs ?? 0;
      }
      const pauseMs = Math.max(waitMs, pauseAfter(failures));
      onState({ kind: 'broken', problem, againAtMs: performance.now() + pauseMs });
      await sleep(pauseMs, signal);
    }
  }
}

function pauseAfter(failures: number): number {
  const maxMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** failures);
  return maxMs * (0.5 + Math.random() / 2); // jitter, so that pages do not all reconnect at once
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
