/** One reading of the stack for all who ask while it is under way, however many they are. */
import type { Clock } from '../../contracts/system/clock.js';

/** A request that comes after so long does not wait for a reading that a frozen stack holds. */
const GIVEN_UP_AFTER_MS = 3000;

interface Reading<T> {
  readonly result: Promise<T>;
  readonly startedAt: number;
  isOver: boolean;
}

export class SharedReading<T> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #read: () => Promise<T>;
  #latest: Reading<T> | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>, read: () => Promise<T>) {
    this.#clock = clock;
    this.#read = read;
  }

  get(): Promise<T> {
    if (this.#latest === undefined || this.#isOld(this.#latest)) this.#latest = this.#start();
    return this.#latest.result;
  }

  #start(): Reading<T> {
    const latest: Reading<T> = {
      result: this.#read(),
      startedAt: this.#clock.monotonic(),
      isOver: false,
    };
    const end = () => (latest.isOver = true);
    latest.result.then(end, end);
    return latest;
  }

  #isOld({ startedAt, isOver }: Reading<T>): boolean {
    return isOver || this.#clock.monotonic() - startedAt >= GIVEN_UP_AFTER_MS;
  }
}
