import type { Clock } from '../../contracts/system/clock.js';

/** Runs `task` again and again, `intervalMs` after it ended; returns the way to stop, which waits for a run. */
export function repeat(clock: Clock, intervalMs: number, task: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let cancel: () => void = () => undefined;
  let running: Promise<void> = Promise.resolve();
  const schedule = () => {
    if (stopped) return;
    cancel = clock.timer(intervalMs, () => {
      running = task().finally(schedule);
    });
  };
  schedule();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}

/** Resolves after `delayMs`, or at once when `signal` fires. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.timer(delayMs, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** Waits for a promise, at most so long. @returns whether it settled in time; what it brought is its owner's matter */
export async function settledWithin(clock: Clock, promise: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, pause(clock, ms, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}

/** Waits for a promise until one of the signals fires; what it brought is its owner's matter. */
export async function settledUntil(
  promise: Promise<unknown>,
  signals: readonly AbortSignal[],
): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return;
  let fired: () => void = () => undefined;
  const firing = new Promise<void>((resolve) => (fired = resolve));
  for (const signal of signals) signal.addEventListener('abort', fired, { once: true });
  try {
    await Promise.race([promise.catch(() => undefined), firing]);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', fired);
  }
}
