/** Remembers what was there, up to a bound; beyond it, everything is forgotten and may be new again. */
export class BoundedSet {
  readonly #capacity: number;
  readonly #keys = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @returns whether it is new */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false;
    if (this.#keys.size >= this.#capacity) this.#keys.clear();
    this.#keys.add(key);
    return true;
  }
}
