/**
 * Open-loop load: every request goes out at its planned time, whether or not the ones before it have been answered.
 * A client that waits for answers before it sends again asks a stalled system for less, and never sees the stall
 * (coordinated omission); so latency is to be measured from the planned time, which is handed on with each request.
 */
export interface Planned {
  /** From the start of the load. */
  readonly atMs: number;
}

export interface LoadClock {
  /** Milliseconds that never step. */
  now(): number;
  /** Calls once after `delayMs`; returns the way to cancel. */
  timer(delayMs: number, call: () => void): () => void;
}

export const systemLoadClock: LoadClock = {
  now: () => performance.now(),
  timer: (delayMs, call) => {
    const handle = setTimeout(call, delayMs);
    return () => clearTimeout(handle);
  },
};

export interface OpenLoop<Request extends Planned> {
  readonly requests: readonly Request[];
  /** Is not waited for. `plannedAtMs` is on the clock: what the request's latency counts from. */
  readonly send: (request: Request, plannedAtMs: number) => void;
  readonly signal: AbortSignal;
  readonly clock?: LoadClock;
}

export interface RunningLoad {
  /** On the clock. */
  readonly startedAtMs: number;
  /** Resolves when the last request has gone out, or none will any more. */
  readonly allSent: Promise<void>;
}

export function startOpenLoop<Request extends Planned>(loop: OpenLoop<Request>): RunningLoad {
  const { requests, send, signal, clock = systemLoadClock } = loop;
  const startedAtMs = clock.now();
  let next = 0;
  const allSent = new Promise<void>((resolve) => {
    let cancel = (): void => undefined;
    const stop = (): void => {
      cancel();
      signal.removeEventListener('abort', stop);
      resolve();
    };
    /** Sends all that is due: after a stall of this very process that is more than one. */
    const sendDue = (): void => {
      for (let request = requests[next]; request !== undefined; request = requests[next]) {
        if (signal.aborted) return;
        const waitMs = startedAtMs + request.atMs - clock.now();
        if (waitMs > 0) {
          cancel = clock.timer(waitMs, sendDue);
          return;
        }
        next += 1;
        send(request, startedAtMs + request.atMs);
      }
      stop();
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    else sendDue();
  });
  return { startedAtMs, allSent };
}
