/**
 * Who may use a free slot. A message is received only for a slot that was reserved for it before, so none waits
 * inside this process while its visibility timeout runs. A slot is reserved first and gets its worker later.
 */
import { invariant } from '../../contracts/common/invariant.js';
import type { WorkerRegistry } from './registry.js';
import type { Picker } from './pick-worker.js';
import { Reservation, type SlotPool } from './reservation.js';

export class Slots {
  readonly #registry: WorkerRegistry;
  readonly #pool: SlotPool;
  #reserved = 0;
  #demand = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(registry: WorkerRegistry, pick: Picker) {
    this.#registry = registry;
    this.#pool = this.#poolOf(registry, pick);
    registry.onChange(() => this.wake());
  }

  /** Slots that are reserved and have no worker yet. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Reserves up to `max` slots, none where none is free. */
  reserve(max: number): Reservation[] {
    return this.#take(Math.min(max, this.#free));
  }

  /** The same for messages that are yet to be received: leaves free what deliveries under way demand. */
  reserveForReceive(max: number): Reservation[] {
    return this.#take(Math.min(max, this.#free - this.#demand));
  }

  /** A delivery under way could use `count` more slots; returns the way to end that demand, once. */
  reserveDemand(count: number): () => void {
    this.#demand += count;
    let hasEnded = false;
    return () => {
      invariant(!hasEnded, 'a demand for slots ended twice');
      hasEnded = true;
      this.#demand -= count;
      this.wake();
    };
  }

  /** Resolves when there may be a free slot to receive for, at once where there is one; or when woken. */
  async waitForFreeSlot(): Promise<void> {
    if (this.#free > this.#demand) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  get #free(): number {
    return this.#registry.freeSlots() - this.#reserved;
  }

  #take(count: number): Reservation[] {
    const taken = Math.max(0, count);
    this.#reserved += taken;
    return Array.from({ length: taken }, () => new Reservation(this.#pool));
  }

  #unreserve(): void {
    invariant(this.#reserved > 0, 'more reservations ended than were made');
    this.#reserved -= 1;
  }

  async #reserveWhenFree(stopping: AbortSignal): Promise<void> {
    const endDemand = this.reserveDemand(1);
    const wake = () => this.wake();
    stopping.addEventListener('abort', wake);
    try {
      while (this.#free <= 0 && !stopping.aborted)
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#reserved += 1;
    } finally {
      stopping.removeEventListener('abort', wake);
      endDemand();
    }
  }

  #poolOf(registry: WorkerRegistry, pick: Picker): SlotPool {
    return {
      occupy: (avoid, except) => {
        const worker = pick({ free: registry.withFreeSlot(), avoid, except });
        if (worker === undefined) return undefined;
        registry.occupy(worker.id);
        this.#unreserve();
        return worker;
      },
      vacate: (workerId) => {
        this.#reserved += 1;
        registry.vacate(workerId);
      },
      unreserve: () => {
        this.#unreserve();
        this.wake();
      },
      free: (workerId) => registry.vacate(workerId),
      reserveWhenFree: (stopping) => this.#reserveWhenFree(stopping),
    };
  }
}
