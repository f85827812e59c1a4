import type { Clock } from '../../contracts/system/clock.js';

const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** `Date.now()` cuts off the fraction, so up to one millisecond of difference is nothing. */
const TOLERATED_DRIFT_MS = 2;

export interface TimeSource {
  /** Epoch milliseconds, whole; follows steps of the system's clock. */
  wallMs(): number;
  /** Fractions of a millisecond; never steps, but may stand still while the machine sleeps. */
  monotonicMs(): number;
}

const system: TimeSource = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** The time of this machine, with fractions, following steps and suspends. */
export function createSystemClock(source: TimeSource = system, originMs = performance.timeOrigin): Clock {
  let wallMinusMonotonicMs = originMs;

  function now(): number {
    const monotonicMs = source.monotonicMs();
    const wallMs = source.wallMs();
    const hasDrifted = Math.abs(monotonicMs + wallMinusMonotonicMs - wallMs) > TOLERATED_DRIFT_MS;
    if (hasDrifted) wallMinusMonotonicMs = wallMs - monotonicMs;
    return monotonicMs + wallMinusMonotonicMs;
  }

  return { now, monotonic: () => source.monotonicMs(), timer: startTimer };
}

/** `setTimeout` fires at once where it is given more than 24.8 days; this one waits as often as it takes. */
function startTimer(delayMs: number, call: () => void): () => void {
  let handle: NodeJS.Timeout;
  const wait = (remainingMs: number): void => {
    const stepMs = Math.min(remainingMs, MAX_TIMEOUT_MS);
    const isLastStep = stepMs === remainingMs;
    handle = setTimeout(isLastStep ? call : () => wait(remainingMs - stepMs), stepMs);
  };
  wait(delayMs);
  return () => clearTimeout(handle);
}
