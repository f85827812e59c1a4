/** Listens for everything that ends the monitor from outside, so that the terminal is restored first. */

/** SIGHUP: the terminal itself is gone. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
const LOOK_AT_PARENT_MS = 500;

export function listenForStop(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => stopping.abort());
  process.stdout.on('error', () => stopping.abort());
  process.stdin.on('error', () => stopping.abort());
  process.stdin.on('end', () => stopping.abort());
  whenParentIsGone(() => stopping.abort());
  return stopping.signal;
}

/** The shell takes the terminal back when npm is killed, and nobody tells us: the two would write over each other. */
function whenParentIsGone(call: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    call();
  }, LOOK_AT_PARENT_MS);
  timer.unref();
}
