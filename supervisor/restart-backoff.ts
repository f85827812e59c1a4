const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5000;
const HEALTHY_AFTER_MS = 1000;

/**
 * Gives the delay before the next start, told how long the process had been ready when it ended. It doubles for a
 * process that cannot run, not for a worker that runs longer than it was waited for and meets an injected crash then.
 */
export function createRestartBackoff(): (readyForMs: number) => number {
  let delayMs = 0;
  return (readyForMs) => {
    const wasHealthy = readyForMs >= Math.max(HEALTHY_AFTER_MS, delayMs);
    delayMs = wasHealthy ? FIRST_DELAY_MS : Math.min(Math.max(FIRST_DELAY_MS, 2 * delayMs), MAX_DELAY_MS);
    return delayMs;
  };
}
