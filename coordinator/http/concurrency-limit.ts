/**
 * Bounds how many requests of one kind read the stack at the same time. The others wait for a short time, then they are
 * refused, so that expensive requests do not slow down cheap ones.
 */
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { Clock } from '../../contracts/system/clock.js';

export interface ConcurrencyLimits {
  readonly running: number;
  readonly waiting: number;
  readonly waitMs: number;
}

export const LISTINGS: ConcurrencyLimits = { running: 2, waiting: 50, waitMs: 2000 };
export const SINGLE_READS: ConcurrencyLimits = { running: 50, waiting: 1000, waitMs: 2000 };

const RETRY_AFTER_SECONDS = 2;

export class ConcurrencyLimit {
  readonly #clock: Clock;
  readonly #limits: ConcurrencyLimits;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(clock: Clock, limits: ConcurrencyLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * @param gone aborts when the client has gone; its turn goes to the next request
   * @throws BoomerangError `too_many_requests`
   */
  async run<T>(gone: AbortSignal, read: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.running) this.#running += 1;
    else await this.#waitForTurn(gone);
    try {
      return await read();
    } finally {
      this.#releaseTurn();
    }
  }

  /** Resolves when another request passes on its turn. */
  #waitForTurn(gone: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#limits.waiting) throw tooMany();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(enter);
        cancel();
        gone.removeEventListener('abort', refuse);
      };
      const enter = () => {
        leave();
        resolve();
      };
      const refuse = () => {
        leave();
        reject(tooMany());
      };
      const cancel = this.#clock.timer(this.#limits.waitMs, refuse);
      gone.addEventListener('abort', refuse, { once: true });
      this.#waiting.add(enter);
    });
  }

  #releaseTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

function tooMany(): BoomerangError {
  return new BoomerangError('too_many_requests', 'too many requests of this kind are under way', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
