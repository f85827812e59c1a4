/** How many values fell into each bucket: an observation costs a few comparisons and no allocation. */
export class BucketCounts {
  /** Upper bounds, ascending; what lies above the last one falls into one more bucket. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#count;
  }

  observe(value: number): void {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
    this.#count += 1;
  }

  /** For each bound, how many values were not above it. */
  cumulative(): number[] {
    let below = 0;
    return this.bounds.map((_, bucket) => (below += this.#counts[bucket] ?? 0));
  }
}
