const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;
/** A worker that meets an injected crash every few seconds is healthy; one that cannot run at all is not. */
const HEALTHY_AFTER_MS = 5000;

/** Gives the delay before the next start, told how long the process had been ready when it ended. */
export function createRestartBackoff(): (readyForMs: number) => number {
  let failuresInARow = 0;
  return (readyForMs) => {
    if (readyForMs >= HEALTHY_AFTER_MS) failuresInARow = 0;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** failuresInARow, LONGEST_DELAY_MS);
    failuresInARow += 1;
    return delayMs;
  };
}
