/**
 * Time that passes only from one event to the next. Between two events all consequences of the first one run to their
 * end. They are promises, so one turn of the real event loop is enough.
 */
import { EventHeap } from './event-heap.js';

/** Far more events than an instant has, unless code calls itself forever. */
const MAX_EVENTS_AT_ONCE = 100_000;

export class VirtualTime {
  readonly #events = new EventHeap();
  #nowMs = 0;

  /** Since the start of the execution; never steps. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Calls once after `delayMs`. @returns a function that cancels it */
  after(delayMs: number, call: () => void): () => void {
    if (Number.isNaN(delayMs)) throw new RangeError('a delay that is no number');
    return this.#events.add(this.#nowMs + Math.max(0, delayMs), call);
  }

  /** Runs events until `isOver`, or until no event is left before `limitMs`. */
  async runUntil(isOver: () => boolean, limitMs: number): Promise<void> {
    for (let atOnce = 0; !isOver(); atOnce += 1) {
      const event = this.#events.take(limitMs);
      if (event === undefined) return;
      if (event.atMs > this.#nowMs) atOnce = 0;
      if (atOnce > MAX_EVENTS_AT_ONCE)
        throw new Error(`time stands still at ${this.#nowMs} ms: something loops`);
      this.#nowMs = event.atMs;
      event.call();
      await pendingPromises();
    }
  }
}

function pendingPromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
