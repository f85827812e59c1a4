/**
 * Hours in which no batch was created, as far as somebody looked: who lists tasks need not ask for each of them again. Only for
 * a while, since an emptied table is filled again.
 */
import type { Clock } from '../../contracts/system/clock.js';

const HOUR_MS = 3_600_000;
const KNOWN_FOR_MS = 60_000;
/** Another coordinator's clock may be behind, and a write takes its time. */
const SETTLED_AFTER_MS = 300_000;

export class EmptyHours {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #foundAt = new Map<number, number>();

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  has(hour: number): boolean {
    const foundAt = this.#foundAt.get(hour);
    if (foundAt === undefined) return false;
    // After a step back of the clock it comes again.
    if (this.#isOver(hour) && this.#clock.monotonic() - foundAt < KNOWN_FOR_MS) return true;
    this.#foundAt.delete(hour);
    return false;
  }

  add(hour: number): void {
    if (this.#isOver(hour)) this.#foundAt.set(hour, this.#clock.monotonic());
  }

  #isOver(hour: number): boolean {
    return this.#clock.now() - (hour + 1) * HOUR_MS >= SETTLED_AFTER_MS;
  }
}
