import { setTimeout as pause } from 'node:timers/promises';

const POLL_EVERY_MS = 20;

/** Polls until `check` neither throws nor gives false, and resolves with what it gave. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<Exclude<T, false>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      const result = await check();
      if (result !== false) return result as Exclude<T, false>;
      if (performance.now() > deadlineMs) throw new Error(`still false after ${timeoutMs} ms`);
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    await pause(POLL_EVERY_MS);
  }
}
