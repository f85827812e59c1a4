/** Planned events, earliest first. Events of the same instant keep the order in which they were planned. */

export interface PlannedEvent {
  readonly atMs: number;
  readonly call: () => void;
}

interface Entry extends PlannedEvent {
  readonly serial: number;
  cancelled: boolean;
}

export class EventHeap {
  readonly #entries: Entry[] = [];
  #serial = 0;

  /** @returns a function that cancels the event */
  add(atMs: number, call: () => void): () => void {
    this.#serial += 1;
    const entry = { atMs, call, serial: this.#serial, cancelled: false };
    this.#entries.push(entry);
    this.#rise(this.#entries.length - 1);
    return () => void (entry.cancelled = true);
  }

  /** Takes out the first event, unless it comes after `limitMs`. */
  take(limitMs: number): PlannedEvent | undefined {
    for (let first = this.#entries[0]; first !== undefined; first = this.#entries[0]) {
      if (!first.cancelled && first.atMs > limitMs) return undefined;
      this.#removeFirst();
      if (!first.cancelled) return first;
    }
    return undefined;
  }

  #removeFirst(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    for (let index = from; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(from: number): void {
    for (let index = from; ;) {
      const left = 2 * index + 1;
      const earlierChild = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#isBefore(earlierChild, index)) return;
      this.#swap(index, earlierChild);
      index = earlierChild;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#entries[a], this.#entries[b]];
    if (first === undefined || second === undefined) return false;
    return first.atMs < second.atMs || (first.atMs === second.atMs && first.serial < second.serial);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#entries[a], this.#entries[b]];
    if (first === undefined || second === undefined) return;
    this.#entries[a] = second;
    this.#entries[b] = first;
  }
}
