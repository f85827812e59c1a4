/** Work that is given up after a time, or when the whole run is. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeIsUp';
}

export class StoppedByUserError extends Error {
  override readonly name = 'StoppedByHand';
}

/** Keeps its own list of what runs: a thousand listeners on one signal cost time with every one that is added. */
export class TimeLimits {
  readonly #running = new Set<AbortController>();
  #stopped = false;

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The signal that the work is given fires with a TimeIsUp or a StoppedByHand. */
  async run<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new TimeLimitError(`no answer within ${limitMs} ms`)),
      limitMs,
    );
    this.#running.add(limit);
    if (this.#stopped) limit.abort(stopReason());
    try {
      return await work(limit.signal);
    } finally {
      clearTimeout(timer);
      this.#running.delete(limit);
    }
  }

  /** Waits so long, or until all is given up. */
  wait(delayMs: number): Promise<void> {
    return this.run(
      delayMs,
      (signal) =>
        new Promise((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve());
        }),
    );
  }

  /** Gives up all of it, and whatever comes. */
  stop(): void {
    this.#stopped = true;
    for (const limit of this.#running) limit.abort(stopReason());
  }
}

function stopReason(): StoppedByUserError {
  return new StoppedByUserError('stopped by hand');
}
