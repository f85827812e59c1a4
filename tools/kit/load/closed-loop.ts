/**
 * Closed-loop load: so many clients, each of which sends its next request when it has the answer to the one before.
 * Requests that have a planned time are not sent before it, and late where all clients are busy: how late is the part
 * of their latency that a closed loop hides.
 */
import { systemLoadClock, type LoadClock, type RunningLoad } from './open-loop.js';
import { sleep } from '../../../client/sleep.js';

export interface ClosedLoop<Request> {
  readonly clients: number;
  /** The next request; nothing where there are no more. */
  readonly next: () => Request | undefined;
  /** From the start of the load; nothing where it is due as soon as a client is free. */
  readonly plannedAt: (request: Request) => number | undefined;
  /** Is waited for. `plannedAtMs` is on the clock. */
  readonly send: (request: Request, plannedAtMs: number) => Promise<void>;
  readonly signal: AbortSignal;
  readonly clock?: LoadClock;
}

export function startClosedLoop<Request>(loop: ClosedLoop<Request>): RunningLoad {
  const { clients, next, plannedAt, send, signal, clock = systemLoadClock } = loop;
  const startedAtMs = clock.now();
  async function runClient(): Promise<void> {
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const request = next();
      if (request === undefined) return;
      const atMs = plannedAt(request);
      const dueAtMs = atMs === undefined ? clock.now() : startedAtMs + atMs;
      if (dueAtMs > clock.now()) await sleep(dueAtMs - clock.now(), signal);
      if (!isOver()) await send(request, dueAtMs);
    }
  }
  const allSent = Promise.all(Array.from({ length: clients }, runClient)).then(() => undefined);
  return { startedAtMs, allSent };
}
