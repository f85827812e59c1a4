/** Work that runs at its time, or sooner when this program is asked to end: no other process would do it. */
export interface ScheduledWork {
  cancel(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Keeps the program alive until it is done. */
export function runLater(delayMs: number, work: () => Promise<void>): ScheduledWork {
  const cancel = (): void => {
    clearTimeout(timer);
    for (const signal of SIGNALS) process.off(signal, run);
  };
  const run = (): void => {
    cancel();
    void work();
  };
  const timer = setTimeout(run, delayMs);
  for (const signal of SIGNALS) process.once(signal, run);
  return { cancel };
}
