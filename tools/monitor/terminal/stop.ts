/** Whatever ends the monitor from outside: the terminal must be given back first. */

/** SIGHUP: the terminal itself is gone. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

export function listenForStop(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => stopping.abort());
  process.stdout.on('error', () => stopping.abort());
  process.stdin.on('error', () => stopping.abort());
  process.stdin.on('end', () => stopping.abort());
  return stopping.signal;
}
