/** The wall clock of a machine. It may be wrong, drift, and step. */

const EPOCH_MS = Date.UTC(2027, 0, 15, 12);

export interface ClockError {
  readonly offsetMs: number;
  /** Parts per million by which the clock is too fast. */
  readonly driftPpm: number;
}

export class WallClock {
  #offsetMs: number;
  readonly #rate: number;

  constructor({ offsetMs, driftPpm }: ClockError) {
    this.#offsetMs = offsetMs;
    this.#rate = 1 + driftPpm / 1_000_000;
  }

  now(virtualMs: number): number {
    return EPOCH_MS + virtualMs * this.#rate + this.#offsetMs;
  }

  step(ms: number): void {
    this.#offsetMs += ms;
  }
}
