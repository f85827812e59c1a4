/** A stream that comes back: it goes on after the last event that it had, waiting longer each time it fails. */
import { ApiProblem, readStream, type StreamEvent } from './api.js';

export type FollowState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `againAtMs` is by `performance.now()`. */
  | { readonly kind: 'broken'; readonly problem: string; readonly againAtMs: number }
  | { readonly kind: 'resting' }
  | { readonly kind: 'over'; readonly problem?: string };

export interface FollowOptions {
  readonly path: string;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onState: (state: FollowState) => void;
  /** Whether what has come is all. */
  readonly isDone?: () => boolean;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

export class Follower {
  readonly #options: FollowOptions;
  #abort: AbortController | undefined;
  #lastEventId: string | undefined;

  constructor(options: FollowOptions) {
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

  /** It can be started again, and goes on from here. */
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
        const more = await readStream(path, this.#lastEventId, signal, (event) => {
          if (isStopped()) return;
          if (!isLive) onState({ kind: 'live' });
          isLive = true;
          failures = 0;
          this.#lastEventId = event.id ?? this.#lastEventId;
          onEvent(event);
        });
        if (!more || isDone?.() === true) {
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
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  return longest * (0.5 + Math.random() / 2); // so that pages do not all come back at once
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
