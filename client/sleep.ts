/**
 * Resolves after so long (Infinity: never by itself), or at once when the signal fires: what waits then looks at the
 * signal.
 */
export function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(handle);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const handle = delayMs === Infinity ? undefined : setTimeout(end, delayMs);
    signal.addEventListener('abort', end);
  });
}
