/**
 * The wall clock as those should read it who throw away what has expired. What is gone does not come back when somebody
 * sets a wrong clock right: a leap forward is believed only after it has stood for an hour. A machine that has slept
 * throws away an hour late what expired meanwhile.
 */
import type { Clock } from './clock.js';

const BELIEVED_AFTER_MS = 3_600_000;
/** Clocks are slewed, and no two readings are taken at the same instant. */
const NO_LEAP_MS = 60_000;

export class ExpiryTime {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  /** How far the time that is believed is ahead of the monotonic clock. */
  #leadMs: number;
  /** Monotonic: when the leap was seen that is not believed yet. */
  #leaptAt: number | undefined;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
    this.#leadMs = clock.now() - clock.monotonic();
  }

  /** Epoch ms. */
  now(): number {
    const monotonicMs = this.#clock.monotonic();
    const leadMs = this.#clock.now() - monotonicMs;
    const hasLeapt = leadMs > this.#leadMs + NO_LEAP_MS;
    if (hasLeapt) this.#leaptAt ??= monotonicMs;
    if (!hasLeapt || monotonicMs - (this.#leaptAt ?? monotonicMs) >= BELIEVED_AFTER_MS) {
      this.#leadMs = leadMs;
      this.#leaptAt = undefined;
    }
    return monotonicMs + this.#leadMs;
  }
}
