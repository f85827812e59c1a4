/** Listens for everything that asks this process to stop: the terminal, `kill`, and the death of its supervisor. */

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];
export type StopReason = StopSignal | 'supervisor-gone';

export interface StopListener {
  /** The first signal, and the supervisor's death at any time. */
  onRequest(reason: StopReason): void;
  /** A signal once more: whoever sent it is out of patience. */
  onRepeatedSignal(signal: StopSignal): void;
}

/** Ctrl-C reaches the whole process group, and npm passes it on as well: both are one request. */
const SAME_REQUEST_WITHIN_MS = 1000;

export function listenForStopRequests(listener: StopListener): void {
  let firstSignalAtMs: number | undefined;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      const nowMs = performance.now();
      if (firstSignalAtMs === undefined) {
        firstSignalAtMs = nowMs;
        listener.onRequest(signal);
      } else if (nowMs - firstSignalAtMs > SAME_REQUEST_WITHIN_MS) {
        listener.onRepeatedSignal(signal);
      }
    });
  }
  const supervisorIsGone = (): void => listener.onRequest('supervisor-gone');
  process.on('disconnect', supervisorIsGone);
  const wasGoneBeforeWeListened = process.send !== undefined && !process.connected;
  if (wasGoneBeforeWeListened) supervisorIsGone();
}

/** The exit code that a shell reports of a program that this signal ended. */
export function exitCodeOf(signal: StopSignal): number {
  return signal === 'SIGINT' ? 130 : 143;
}

/** For tools: fires at the first request to stop; impatience ends the process at once. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  listenForStopRequests({
    onRequest: () => stopping.abort(),
    onRepeatedSignal: (signal) => process.exit(exitCodeOf(signal)),
  });
  return stopping.signal;
}
