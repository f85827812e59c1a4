/** Work that is given up after a time, or when the whole run is. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

export class StoppedByHand extends Error {
  override readonly name = 'StoppedByHand';
}

/** The signal that the work is given fires with a TimeIsUp or a StoppedByHand. */
export async function withTimeLimit<T>(
  limitMs: number,
  stopped: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new TimeIsUp(`no answer within ${limitMs} ms`)), limitMs);
  const stop = (): void => limit.abort(new StoppedByHand('stopped by hand'));
  stopped.addEventListener('abort', stop);
  if (stopped.aborted) stop();
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener('abort', stop);
  }
}
