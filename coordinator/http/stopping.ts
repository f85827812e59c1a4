import { BoomerangError } from '../../contracts/errors/errors.js';

/** How the HTTP interface learns that the coordinator stops. */
export interface Stopping {
  /** Fires when no more tasks are accepted. */
  readonly refusing: AbortSignal;
  /** Fires when waiting clients are to be answered with what is known. */
  readonly waitingOver: AbortSignal;
}

/** @throws BoomerangError `shutting_down` once no more tasks are accepted */
export function refuseWhileStopping({ refusing }: Stopping): void {
  if (!refusing.aborted) return;
  throw new BoomerangError('shutting_down', 'come back in a moment', { retryAfterSeconds: 2 });
}
