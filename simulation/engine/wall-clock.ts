/** A machine's wall clock: it may be wrong, and it may step. */

const EPOCH_MS = Date.UTC(2027, 0, 15, 12);

export class WallClock {
  #offsetMs: number;

  constructor(offsetMs = 0) {
    this.#offsetMs = offsetMs;
  }

  now(virtualMs: number): number {
    return EPOCH_MS + virtualMs + this.#offsetMs;
  }

  step(ms: number): void {
    this.#offsetMs += ms;
  }
}
