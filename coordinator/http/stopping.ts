import { BoomerangError } from '../../contracts/errors/errors.js';

/** Signals to the HTTP interface that the coordinator stops. */
export interface Stopping {
  /** Aborts when no more tasks are accepted. */
  readonly refusing: AbortSignal;
  /** Aborts when waiting clients get the state that is known. */
  readonly waitingOver: AbortSignal;
}

/** @throws BoomerangError `shutting_down` once no more tasks are accepted */
export function refuseWhileStopping({ refusing }: Stopping): void {
  if (!refusing.aborted) return;
  throw new BoomerangError('shutting_down', 'come back in a moment', { retryAfterSeconds: 2 });
}
