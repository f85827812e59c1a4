/**
 * Who may use a free slot. A message is received only for a slot that was reserved for it before, so none waits
 * inside this process while its visibility timeout runs. A slot is reserved first and gets its worker later.
 */
import type { WorkerSnapshot, WorkerRegistry } from './registry.js';
import type { Picker } from './pick-worker.js';

export interface OccupiedSlot {
  readonly worker: WorkerSnapshot;
  /** Gives the worker's slot back; more than once is no harm. */
  vacate(): void;
  /** Gives the worker's slot back and keeps a reservation in its stead. */
  exchange(): void;
}

export class Slots {
  readonly #registry: WorkerRegistry;
  readonly #pick: Picker;
  #reserved = 0;
  #wanted = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(registry: WorkerRegistry, pick: Picker) {
    this.#registry = registry;
    this.#pick = pick;
    registry.onChange(() => this.wake());
  }

  get reserved(): number {
    return this.#reserved;
  }

  /** Reserves up to `max` slots, none where none is free. */
  reserve(max: number): number {
    return this.#take(Math.min(max, this.#free));
  }

  /** The same for messages that are yet to be received: leaves free what deliveries under way want. */
  reserveForReceive(max: number): number {
    return this.#take(Math.min(max, this.#free - this.#wanted));
  }

  /** One slot for a delivery that gave its own up, before anything more is received. Stopping, it is not waited for. */
  async reserveWhenFree(stopping: AbortSignal): Promise<void> {
    const stopWanting = this.want(1);
    const wake = () => this.wake();
    stopping.addEventListener('abort', wake);
    try {
      while (this.#free <= 0 && !stopping.aborted)
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#reserved += 1;
    } finally {
      stopping.removeEventListener('abort', wake);
      stopWanting();
    }
  }

  /** A delivery under way could use `count` more slots; returns the way to want them no longer. */
  want(count: number): () => void {
    this.#wanted += count;
    return () => {
      this.#wanted -= count;
      this.wake();
    };
  }

  release(count: number): void {
    this.#reserved -= count;
    this.wake();
  }

  /** Turns one reserved slot into a worker's; `undefined`, and the reservation stays, where no worker will do. */
  occupy(avoid: ReadonlySet<string>, except: ReadonlySet<string>): OccupiedSlot | undefined {
    const worker = this.#pick({ free: this.#registry.withFreeSlot(), avoid, except });
    if (worker === undefined) return undefined;
    this.#reserved -= 1;
    this.#registry.occupy(worker.id);
    let held = true;
    const giveBack = (reservations: number) => {
      if (!held) return;
      held = false;
      this.#reserved += reservations;
      this.#registry.vacate(worker.id);
    };
    return { worker, vacate: () => giveBack(0), exchange: () => giveBack(1) };
  }

  /** Resolves when something may have become free to receive for, at once where it is; or when woken. */
  async someToReceiveFor(): Promise<void> {
    if (this.#free > this.#wanted) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get #free(): number {
    return this.#registry.freeSlots() - this.#reserved;
  }

  #take(count: number): number {
    const taken = Math.max(0, count);
    this.#reserved += taken;
    return taken;
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
