import type { Clock } from '../../contracts/system/clock.js';

const RATE_WINDOW_MS = 5000;

/** Tasks that became final over the last seconds, per second. */
export class DrainRate {
  readonly #clock: Clock;
  #buckets: { readonly second: number; tasks: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  recordTerminal(tasks: number): void {
    const second = Math.floor(this.#clock.monotonic() / 1000);
    const latest = this.#buckets.at(-1);
    if (latest?.second === second) latest.tasks += tasks;
    else this.#buckets.push({ second, tasks });
    this.#forget();
  }

  tasksPerSecond(): number {
    this.#forget();
    const [first] = this.#buckets;
    if (first === undefined) return 0;
    const spanSeconds = Math.max(1, this.#clock.monotonic() / 1000 - first.second);
    return this.#buckets.reduce((sum, bucket) => sum + bucket.tasks, 0) / spanSeconds;
  }

  #forget(): void {
    const oldest = (this.#clock.monotonic() - RATE_WINDOW_MS) / 1000;
    this.#buckets = this.#buckets.filter((bucket) => bucket.second >= oldest - 1);
  }
}
