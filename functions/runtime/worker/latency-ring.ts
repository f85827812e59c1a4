/** The latest durations, and their percentiles. */
export class LatencyRing {
  readonly #capacity: number;
  readonly #latestMs: number[] = [];
  #next = 0;

  constructor(capacity = 128) {
    this.#capacity = capacity;
  }

  add(durationMs: number): void {
    this.#latestMs[this.#next] = durationMs;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Nearest rank. 0 without values. */
  percentile(percent: number): number {
    const sorted = this.#latestMs.toSorted((a, b) => a - b);
    const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
    return sorted[rank - 1] ?? 0;
  }
}
