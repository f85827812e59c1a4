/** Counts by a few words each, such as outcome and fault. The words come from a small set, or from `MAX_KEYS` first ones. */
export class LabeledCounts {
  readonly #width: number;
  readonly #counts = new Map<string, number>();

  constructor(width: number) {
    this.#width = width;
  }

  add(by: number, ...words: readonly string[]): void {
    if (words.length !== this.#width) throw new RangeError(`expected ${this.#width} words`);
    const key = words.join(SEPARATOR);
    const known = this.#counts.get(key);
    // Words that come from outside, such as a fault that a worker names, must not fill the memory.
    if (known === undefined && this.#counts.size >= MAX_KEYS) return;
    this.#counts.set(key, (known ?? 0) + by);
  }

  *entries(): Generator<readonly [words: readonly string[], count: number]> {
    for (const [key, count] of this.#counts) yield [key.split(SEPARATOR), count];
  }
}

const SEPARATOR = '\0';
const MAX_KEYS = 500;
